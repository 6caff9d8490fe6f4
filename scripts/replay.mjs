// `npm run replay`: replays an execution from its bundle, offline. `npm run replay -- --help` says more.
import { runReplay } from '../dist/src/replays/offline/command.js';

process.exitCode = await runReplay(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});

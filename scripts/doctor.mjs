// `npm run doctor`: finds executions that nothing will ever happen to; changes nothing. `npm run doctor -- --help` says more.
import { runDoctor } from '../dist/src/doctor/command.js';

process.exitCode = await runDoctor(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});

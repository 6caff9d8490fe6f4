// `npm run audit:verify -- FILE`: verifies an export of the audit, offline. `npm run audit:verify -- --help` says more.
import { runVerifier } from '../dist/src/audit-verifier/command.js';

process.exitCode = await runVerifier(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});

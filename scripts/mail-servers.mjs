// Tests against Postfix and Dovecot, where these are. Debian's packages can be had by `MILLRACE_MAIL_SERVERS=install`; without
// the programs the suite is left out, which one line says.
import { spawnSync } from 'node:child_process';
import { installMailServers } from './mail-servers/install.mjs';
import { missingServers, programFolders } from './mail-servers/programs.mjs';

function leaveOut(why) {
  process.stdout.write(`left out: tests against mail servers, ${why}\n`);
}

function runSuite() {
  const run = spawnSync('npm', ['run', '-s', 'jest', '--', '--selectProjects', 'mail-servers'], { stdio: 'inherit' });
  return run.status ?? 1;
}

function main() {
  // Postfix starts as root alone.
  if (process.getuid?.() !== 0) return leaveOut('as they need root');
  const wanted = process.env.MILLRACE_MAIL_SERVERS === 'install';
  const failure = wanted && missingServers(programFolders()).length > 0 ? installMailServers() : undefined;
  const missing = missingServers(programFolders());
  if (missing.length === 0) {
    process.exitCode = runSuite();
    return;
  }
  const remedy = failure ?? 'MILLRACE_MAIL_SERVERS=install gets them from Debian';
  leaveOut(`as ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not here (${remedy})`);
}

main();

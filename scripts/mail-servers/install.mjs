import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

const PACKAGES = ['postfix', 'dovecot-imapd'];
const WITHIN_MS = 180_000;
/** Asked by Debian's packages before they start what they brought; 101 says no. */
const POLICY = '/usr/sbin/policy-rc.d';
// Debian else asks what kind of server this is to be, or makes it one of the internet.
const ANSWERS = 'postfix postfix/main_mailer_type select No configuration\n';
const INSTALL = ['install', '-y', '--no-install-recommends', ...PACKAGES];

/**
 * Brings both from Debian and starts neither.
 * @returns {string | undefined} why not; undefined when they are installed
 */
export function installMailServers() {
  const deadline = performance.now() + WITHIN_MS;
  const allowStarts = denyStarts();
  try {
    run('debconf-set-selections', [], { deadline, input: ANSWERS });
    if (run('apt-get', INSTALL, { deadline }) === undefined) return undefined;
    // The lists of an image are old, or there are none.
    return run('apt-get', ['update'], { deadline }) ?? run('apt-get', INSTALL, { deadline });
  } finally {
    allowStarts();
  }
}

function denyStarts() {
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
  } catch {
    // The machine has a policy of its own, as images of containers do: it stays.
    return () => undefined;
  }
  return () => rmSync(POLICY, { force: true });
}

/** Why it did not go well, in one line; undefined when it did. It is ended when time is up. */
function run(command, args, { deadline, input = '' }) {
  const label = [command, args[0]].filter(Boolean).join(' ');
  const timeout = Math.floor(deadline - performance.now());
  if (timeout <= 0) return `no time was left for ${label}`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error, stderr } = spawnSync(command, args, { env, input, timeout, encoding: 'utf8' });
  if (status === 0) return undefined;
  const told = stderr?.split('\n').find((line) => line.startsWith('E: '));
  return `${label} failed: ${told ?? error?.message ?? `status ${status}`}`;
}

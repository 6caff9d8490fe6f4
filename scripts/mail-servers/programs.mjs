import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian has them, which is not on the path of everybody. */
const DEBIAN = ['/usr/sbin', '/usr/lib/postfix/sbin', '/usr/lib/dovecot'];
/** What the tests start, and what each is part of. */
const NEEDED = { postfix: 'postfix', master: 'postfix', dovecot: 'dovecot', doveadm: 'dovecot', imap: 'dovecot' };

/** Folders in which the programs may lie. */
export function programFolders(path = process.env.PATH ?? '') {
  return [...path.split(delimiter).filter(Boolean), ...DEBIAN];
}

/**
 * Names of the servers that cannot be started from these folders.
 * @param {readonly string[]} folders
 */
export function missingServers(folders) {
  const isHere = (program) => folders.some((folder) => existsSync(join(folder, program)));
  const missing = Object.entries(NEEDED).filter(([program]) => !isHere(program));
  return [...new Set(missing.map(([, server]) => server))];
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingServers, programFolders } from './programs.mjs';

describe('missingServers', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-programs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (...programs: readonly string[]) => {
    for (const program of programs) writeFileSync(join(folder, program), '');
  };

  it('names each server once', () => {
    expect(missingServers([])).toEqual(['postfix', 'dovecot']);
    put('dovecot', 'doveadm', 'imap');
    expect(missingServers([folder])).toEqual(['postfix']);
    put('postfix', 'master');
    expect(missingServers([folder])).toEqual([]);
  });

  it('misses a server of which a part is not here', () => {
    put('postfix', 'master', 'dovecot', 'doveadm');
    expect(missingServers([folder])).toEqual(['dovecot']);
  });
});

describe('programFolders', () => {
  it('are those of the path first, and those of Debian', () => {
    expect(programFolders('/opt/bin::/usr/bin').slice(0, 3)).toEqual(['/opt/bin', '/usr/bin', '/usr/sbin']);
    expect(programFolders('')).toContain('/usr/lib/dovecot');
  });
});

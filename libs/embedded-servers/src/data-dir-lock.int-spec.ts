import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HolderProcess } from '../../../test/support/holder-process.ts';
import { lockDataDir } from './data-dir-lock.ts';

describe('lockDataDir', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(process.env.MILLRACE_TEST_DATA_DIR!, 'lock-'));
  });

  it('refuses a second process, naming the first and what to do', async () => {
    await using first = await HolderProcess.start('lock', dataDir);

    await expect(lockDataDir(dataDir)).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      message: expect.stringMatching(`process ${first.report.pid}\\b.*MILLRACE_DATA_DIR`) as string,
    });
  });

  it('refuses a second holder in the same process', async () => {
    await using _first = await lockDataDir(dataDir);

    await expect(lockDataDir(dataDir)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
  });

  it('lets the next one in after a release', async () => {
    const first = await lockDataDir(dataDir);
    await first.release();

    await using _second = await lockDataDir(dataDir);

    await using third = await HolderProcess.start('lock', dataDir);
    expect(third.report).toMatchObject({ refused: 'DATA_DIR_IN_USE' });
  });

  it('is taken over from a process that was killed', async () => {
    const first = await HolderProcess.start('lock', dataDir);
    await first.kill();

    await using _second = await lockDataDir(dataDir);

    expect(await holderPid(dataDir)).toBe(process.pid);
  });

  it('is taken over when the holder is dead and another process has its pid now', async () => {
    const holder = {
      pid: process.ppid,
      identity: 'the one before',
      since: '2026-01-01T00:00:00.000Z',
      released: false,
    };
    await writeFile(join(dataDir, 'lock.1'), JSON.stringify(holder));

    await using _lock = await lockDataDir(dataDir);

    expect(await holderPid(dataDir)).toBe(process.pid);
  });

  it('is taken over when a host crash left the file empty', async () => {
    await writeFile(join(dataDir, 'lock.7'), '');

    await using _lock = await lockDataDir(dataDir);

    expect(await holderPid(dataDir)).toBe(process.pid);
  });

  it('goes to exactly one of many that take over a stale lock at once', async () => {
    const killed = await HolderProcess.start('lock', dataDir);
    await killed.kill();

    const crowd = await Promise.all(Array.from({ length: 6 }, () => HolderProcess.start('lock', dataDir)));
    try {
      const winners = crowd.filter(({ report }) => report.refused === undefined);
      expect(winners).toHaveLength(1);
      expect(await holderPid(dataDir)).toBe(winners[0]?.report.pid);
    } finally {
      await Promise.all(crowd.map((process) => process.kill()));
    }
  });
});

async function holderPid(dataDir: string): Promise<unknown> {
  const [file, ...others] = await readdir(dataDir);
  expect(others).toEqual([]);
  return (JSON.parse(await readFile(join(dataDir, file!), 'utf8')) as { pid: unknown }).pid;
}

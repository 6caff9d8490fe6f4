import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ProcessEndedError, runInProcess } from './run-in-process.ts';

describe('work in a process', () => {
  let directory: string;
  let count = 0;
  beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'millrace-'))));
  afterAll(() => rm(directory, { recursive: true }));

  const bounds = { withinMs: 60_000, memoryMiB: 64 };
  /** What comes of a process that answers a message with what the function gives. */
  async function run(body: (message: { n: number }) => unknown, changes: Partial<typeof bounds> = {}) {
    const entry = join(directory, `${count++}.mjs`);
    await writeFile(entry, `process.once('message', (message) => process.send((${body.toString()})(message)));`);
    return runInProcess(pathToFileURL(entry), { n: 1 }, { ...bounds, ...changes });
  }

  it('gives what the process says first, which has nothing of our environment', async () => {
    const [message, variables, id] = (await run((given) => [given, process.env['PATH'], process.pid])) as unknown[];
    expect([message, variables]).toEqual([{ n: 1 }, undefined]);
    expect(() => process.kill(Number(id), 0)).toThrow('ESRCH');
  });

  it('gives bytes and maps as they are', async () => {
    expect(await run(() => new Map([['a', new Uint8Array([1])]]))).toEqual(new Map([['a', new Uint8Array([1])]]));
  });

  it('says what it threw', async () => {
    const broken = run(() => {
      throw new TypeError('broken');
    });
    await expect(broken).rejects.toThrow(/ended with 1: [^]*TypeError: broken/);
  });

  it('ends when its time is over', async () => {
    const late = run(
      () => {
        for (;;);
      },
      { withinMs: 300 },
    );
    await expect(late).rejects.toEqual(new ProcessEndedError('time'));
    await expect(late).rejects.toMatchObject({ over: 'time' });
  });

  it.each([
    ['little by little', () => run(() => Array.from({ length: 1e9 }, () => new Array<number>(1_000).fill(0)))],
    ['at once', () => run(() => JSON.parse(`[${'{"a":1},'.repeat(3_000_000)}1]`) as unknown)],
  ])('ends when its memory is over, %s, and we do not', async (_, filling) => {
    await expect(filling()).rejects.toMatchObject({ over: 'memory' });
  });

  it('tells the end of one that dies while it is written to', async () => {
    const entry = join(directory, `${count++}.mjs`);
    await writeFile(entry, `process.kill(process.pid, 'SIGABRT');`);
    const large = { text: 'x'.repeat(16_000_000) };
    await expect(runInProcess(pathToFileURL(entry), large, bounds)).rejects.toMatchObject({ over: 'memory' });
  });

  it('rejects for an entry that is not there', async () => {
    const missing = pathToFileURL(join(directory, 'missing.mjs'));
    await expect(runInProcess(missing, {}, bounds)).rejects.toThrow(/ended with 1: [^]*missing\.mjs/);
  });
});

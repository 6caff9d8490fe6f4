import { RecentReads } from './recent-reads.ts';

describe('recent reads', () => {
  let now: number;
  let count: number;
  let reads: RecentReads<string>;
  const read = (): Promise<string> => Promise.resolve(`read ${++count}`);
  beforeEach(() => {
    [now, count] = [1_000, 0];
    reads = new RecentReads<string>(5_000, () => now);
  });

  it('are kept for a while, each by its key', async () => {
    expect(await reads.get('a', read)).toBe('read 1');
    now += 5_000;
    expect(await reads.get('a', read)).toBe('read 1');
    expect(await reads.get('b', read)).toBe('read 2');
    now += 1;
    expect(await reads.get('a', read)).toBe('read 3');
  });

  it('are shared by those who ask at once', async () => {
    expect(await Promise.all([reads.get('a', read), reads.get('a', read)])).toEqual(['read 1', 'read 1']);
  });

  it('are forgotten on demand, also while one is under way', async () => {
    const pending = Promise.withResolvers<string>();
    const early = reads.get('a', () => pending.promise);
    reads.forget('a');
    expect(await reads.get('a', read)).toBe('read 1');
    pending.resolve('from before the change');
    expect(await early).toBe('from before the change');
    expect(await reads.get('a', read)).toBe('read 1');
    reads.forget('a');
    expect(await reads.get('a', read)).toBe('read 2');
  });

  it('keep neither what is not there nor what failed', async () => {
    expect(await reads.get('a', () => Promise.resolve(undefined))).toBeUndefined();
    expect(await reads.get('a', read)).toBe('read 1');
    await expect(reads.get('b', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await reads.get('b', read)).toBe('read 2');
  });
});

import { BoundedWork } from './bounded-work.ts';

describe('bounded work', () => {
  it('runs so many at once, the others in their order, and refuses what is too much', async () => {
    const work = new BoundedWork({ atOnce: 2, waiting: 2 });
    const started: number[] = [];
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
    const runs = gates.map((gate, n) =>
      work.run(() => {
        started.push(n);
        return gate.promise;
      }),
    );
    await expect(work.run(() => Promise.resolve(9))).rejects.toMatchObject({ kind: 'unavailable', code: 'TOO_BUSY' });
    expect(started).toEqual([0, 1]);
    gates[1]!.resolve(1);
    await runs[1];
    expect(started).toEqual([0, 1, 2]);
    for (const [n, gate] of gates.entries()) gate.resolve(n);
    expect(await Promise.all(runs)).toEqual([0, 1, 2, 3]);
    expect(started).toEqual([0, 1, 2, 3]);
    expect(await work.run(() => Promise.resolve(9))).toBe(9);
  });

  it('gives the place of work that failed to the next', async () => {
    const work = new BoundedWork({ atOnce: 1, waiting: 1 });
    const failing = work.run(() => Promise.reject(new Error('no')));
    const next = work.run(() => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});

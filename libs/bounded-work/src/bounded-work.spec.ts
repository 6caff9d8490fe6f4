import { BoundedWork } from './bounded-work.ts';

const tooBusy = (): Error => new Error('too busy');

describe('bounded work', () => {
  it('runs so many at once, the others in their order, and refuses what is too much', async () => {
    const work = new BoundedWork({ atOnce: 2, waiting: 2, tooBusy });
    const started: number[] = [];
    const pieces = Array.from({ length: 4 }, () => ({
      begun: Promise.withResolvers<void>(),
      end: Promise.withResolvers<number>(),
    }));
    const runs = pieces.map(({ begun, end }, n) =>
      work.run(() => {
        started.push(n);
        begun.resolve();
        return end.promise;
      }),
    );
    await Promise.all([pieces[0]!.begun.promise, pieces[1]!.begun.promise]);
    await expect(work.run(() => Promise.resolve(9))).rejects.toThrow('too busy');
    expect(started).toEqual([0, 1]);
    pieces[1]!.end.resolve(1);
    await pieces[2]!.begun.promise;
    expect(started).toEqual([0, 1, 2]);
    for (const [n, { end }] of pieces.entries()) end.resolve(n);
    expect(await Promise.all(runs)).toEqual([0, 1, 2, 3]);
    expect(started).toEqual([0, 1, 2, 3]);
    expect(await work.run(() => Promise.resolve(9))).toBe(9);
  });

  it('gives the place of work that failed to the next', async () => {
    const work = new BoundedWork({ atOnce: 1, waiting: 1, tooBusy });
    const failing = work.run(() => Promise.reject(new Error('no')));
    const next = work.run(() => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});

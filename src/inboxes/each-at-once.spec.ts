import { eachAtOnce } from './each-at-once.ts';

describe('working on each', () => {
  it('works on so many at once and no more, and on all', async () => {
    let [running, most] = [0, 0];
    const done: number[] = [];
    await eachAtOnce([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running -= 1;
      done.push(item);
    });
    expect(most).toBe(3);
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('rejects with the first failure, after the others were worked on all the same', async () => {
    const done: number[] = [];
    const work = eachAtOnce([1, 2, 3, 4], 1, async (item) => {
      if (item % 2 === 0) throw new Error(`no ${item}`);
      done.push(item);
    });
    await expect(work).rejects.toThrow('no 2');
    expect(done).toEqual([1, 3]);
  });
});

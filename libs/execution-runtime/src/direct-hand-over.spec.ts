import { DirectHandOver } from './direct-hand-over.ts';

/** A line with work that ends when the spec says so. */
function handing(places: number) {
  const direct = new DirectHandOver();
  const open: PromiseWithResolvers<void>[] = [];
  const work = (): Promise<void> => {
    const one = Promise.withResolvers<void>();
    open.push(one);
    return one.promise;
  };
  direct.serve('run.http', places, work);
  return { direct, open };
}

describe('direct hand-over', () => {
  it('gives work to free hands', async () => {
    const { direct, open } = handing(1);
    const taken = direct.tryTake('run.http', {});
    expect(taken).toBeDefined();
    open[0]?.resolve();
    await taken;
    expect(direct.tryTake('run.http', {})).toBeDefined();
  });

  it('serves all start queues as one line', () => {
    const direct = new DirectHandOver();
    direct.serve('start', 1, () => Promise.resolve());
    expect(direct.tryTake('start.high.3', {})).toBeDefined();
    expect(direct.tryTake('start.low.0', {})).toBeUndefined();
  });

  it('leaves to the queue what nobody here does', () => {
    expect(handing(1).direct.tryTake('run.email', {})).toBeUndefined();
  });

  it('leaves to the queue what finds no free hand, and then all that comes behind it', async () => {
    const { direct, open } = handing(1);
    const taken = direct.tryTake('run.http', {});
    expect(direct.tryTake('run.http', {})).toBeUndefined();
    open[0]?.resolve();
    await taken;
    expect(direct.tryTake('run.http', {})).toBeUndefined();
    direct.sawQueue('run.http', 3);
    expect(direct.tryTake('run.http', {})).toBeUndefined();
    direct.sawQueue('run.http', 0);
    expect(direct.tryTake('run.http', {})).toBeDefined();
  });

  it('frees the hand of work that failed', async () => {
    const { direct, open } = handing(1);
    const taken = direct.tryTake('run.http', {});
    open[0]?.reject(new Error('not done'));
    await expect(taken).rejects.toThrow('not done');
    expect(direct.tryTake('run.http', {})).toBeDefined();
  });

  it('counts its places', () => {
    const { direct } = handing(3);
    direct.serve('start', 2, () => Promise.resolve());
    expect(direct.places).toBe(5);
    direct.sawQueue('unknown', 1);
  });
});

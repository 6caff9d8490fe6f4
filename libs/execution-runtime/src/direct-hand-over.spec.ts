import type { RunQueue, StartQueue } from '#libs/work-queue-jetstream';
import { DirectHandOver, type DirectStarts } from './direct-hand-over.ts';
import { QueueLength } from './queue-length.ts';

const HTTP: RunQueue = { kind: 'run', executor: 'http' };
const START: StartQueue = { kind: 'start', lane: 'high', shards: [3, 9] };
const starts: DirectStarts = {
  places: 2,
  tryTake: () => Promise.resolve('returned'),
  placeOf: ({ lane, shards: [, shard] }) => ({ lane, shard }),
  queued: () => undefined,
};

/** A line with work that ends when the spec says so. */
function handing(places: number) {
  const direct = new DirectHandOver(starts);
  const open: PromiseWithResolvers<void>[] = [];
  const work = (): Promise<void> => {
    const one = Promise.withResolvers<void>();
    open.push(one);
    return one.promise;
  };
  const length = new QueueLength({ nowMs: () => 0, hasRoom: () => false });
  const pause = { isPaused: false };
  direct.serve('http', { places, work, length, isPaused: () => pause.isPaused });
  return { direct, open, length, pause };
}

describe('direct hand-over', () => {
  it('gives work to free hands', async () => {
    const { direct, open } = handing(1);
    const taken = direct.tryTake(HTTP, {});
    expect(taken).toBeDefined();
    open[0]?.resolve();
    await expect(taken).resolves.toBe('done');
    expect(direct.tryTake(HTTP, {})).toBeDefined();
  });

  it('leaves starts to who keeps their lines', async () => {
    const { direct } = handing(1);
    await expect(direct.tryTake(START, {})).resolves.toBe('returned');
    expect(direct.placeOf(START)).toEqual({ lane: 'high', shard: 9 });
  });

  it('leaves to the queue what nobody here does', () => {
    expect(handing(1).direct.tryTake({ kind: 'run', executor: 'email' }, {})).toBeUndefined();
  });

  it('leaves to the queue what is paused', () => {
    const { direct, pause } = handing(1);
    pause.isPaused = true;
    expect(direct.tryTake(HTTP, {})).toBeUndefined();
  });

  it('leaves to the queue what finds no free hand, and then all that comes behind it', async () => {
    const { direct, open, length } = handing(1);
    const taken = direct.tryTake(HTTP, {});
    expect(direct.tryTake(HTTP, {})).toBeUndefined();
    direct.queued(HTTP);
    open[0]?.resolve();
    await taken;
    expect(direct.tryTake(HTTP, {})).toBeUndefined();
    length.saw(0);
    expect(direct.tryTake(HTTP, {})).toBeDefined();
  });

  it('frees the hand of work that failed', async () => {
    const { direct, open } = handing(1);
    const taken = direct.tryTake(HTTP, {});
    open[0]?.reject(new Error('not done'));
    await expect(taken).rejects.toThrow('not done');
    expect(direct.tryTake(HTTP, {})).toBeDefined();
  });

  it('counts its places', () => {
    expect(handing(3).direct.places).toBe(5);
  });
});

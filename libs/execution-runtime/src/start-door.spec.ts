import { setImmediate as settled } from 'node:timers/promises';
import { until } from '#libs/jetstream/testing';
import type { StartPlace } from '#libs/work-queue-jetstream';
import { StartDoor } from './start-door.ts';

const PLACE: StartPlace = { lane: 'normal', shard: 0 };
const OTHER: StartPlace = { lane: 'normal', shard: 1 };

/** A door whose surroundings, and whose work's end, are in the spec's hands. */
function doorWith({ atOnce = 4 } = {}) {
  const around = { nowMs: 0, young: 0, isFull: false };
  const begun: { name: string; end: () => void; fail: (error: Error) => void }[] = [];
  const door = new StartDoor({
    shards: 2,
    weights: { high: 8, normal: 4, low: 1 },
    nowMs: () => around.nowMs,
    atOnce: () => atOnce,
    youngAttempts: () => around.young,
    isFull: () => around.isFull,
  });
  const come = (name: string, place = PLACE): Promise<boolean> =>
    door.pass(place, () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      begun.push({ name, end: resolve, fail: reject });
      return promise;
    });
  const names = (): string[] => begun.map(({ name }) => name);
  return { door, around, begun, come, names };
}

describe('the door of starts', () => {
  it('lets in at once as many as it may, of one shard half of them', async () => {
    await using house = new AsyncDisposableStack();
    const { door, come, names } = doorWith();
    house.use(door);
    for (const name of ['a', 'b', 'c']) void come(name);
    await settled();
    expect(names()).toEqual(['a', 'b']);
    for (const name of ['d', 'e', 'f']) void come(name, OTHER);
    await settled();
    expect(names()).toEqual(['a', 'b', 'd', 'e']);
    expect([door.waitingAt(PLACE), door.waitingAt(OTHER)]).toEqual([1, 1]);
  });

  it('lets in the next when one is through, also when it failed', async () => {
    const { door, come, begun, names } = doorWith({ atOnce: 1 });
    await using _ = door;
    const first = come('a');
    const second = come('b');
    void come('c');
    await settled();
    begun[0]?.end();
    await expect(first).resolves.toBe(true);
    await settled();
    begun[1]?.fail(new Error('not recorded'));
    await expect(second).rejects.toThrow('not recorded');
    await settled();
    expect(names()).toEqual(['a', 'b', 'c']);
  });

  it('counts the attempts that are young, and looks again when told, or by itself', async () => {
    const { door, come, around, names } = doorWith();
    await using _ = door;
    around.young = 4;
    void come('a');
    await settled();
    expect(names()).toEqual([]);
    around.young = 3;
    door.look();
    await settled();
    expect(names()).toEqual(['a']);
    around.young = 4;
    void come('b');
    around.young = 0;
    await until('it looked again', () => names().length === 2);
  });

  it('is shut while the hands are full, and sends back who has waited a second before them', async () => {
    const { door, come, around, names } = doorWith();
    await using _ = door;
    around.isFull = true;
    const early = come('early');
    around.nowMs = 999;
    void come('late');
    around.nowMs = 1_000;
    await expect(early).resolves.toBe(false);
    expect(door.waitingAt(PLACE)).toBe(1);
    around.isFull = false;
    await until('the other came in', () => names().length === 1);
    expect(names()).toEqual(['late']);
  });

  it('keeps who waits while it is only crowded', async () => {
    const { door, come, around } = doorWith({ atOnce: 1 });
    await using _ = door;
    void come('a');
    void come('b');
    around.nowMs = 60_000;
    await settled();
    expect(door.waitingAt(PLACE)).toBe(1);
  });

  it('sends back a lane that is paused, and everybody when it closes', async () => {
    const { door, come, around } = doorWith();
    around.isFull = true;
    const [normal, low] = [come('normal'), come('low', { lane: 'low', shard: 0 })];
    door.sendBack('low');
    await expect(low).resolves.toBe(false);
    expect(door.waitingAt(PLACE)).toBe(1);
    await door[Symbol.asyncDispose]();
    await expect(normal).resolves.toBe(false);
    await expect(come('after')).resolves.toBe(false);
  });
});

import { ShortTimers, type ShortTimer } from './short-timers.ts';

const NOW_MS = Date.parse('2026-11-23T10:00:00.000Z');

function timersOf(places: number) {
  const fired: string[] = [];
  const timers = new ShortTimers({
    places,
    clock: { nowMs: () => NOW_MS },
    fire: async ({ timerId }) => void fired.push(timerId),
  });
  const due = (timerId: string, inMs: number): ShortTimer => ({
    executionId: 'ex_1',
    timerId,
    dueAt: new Date(NOW_MS + inMs).toISOString(),
  });
  return { timers, fired, due };
}

describe('timers that are due in a moment', () => {
  it('fire at their time, or at once when that is past', async () => {
    const { timers, fired, due } = timersOf(4);
    await Promise.all([timers.tryTake(due('later', 40)), timers.tryTake(due('past', -5_000))]);
    expect(fired).toEqual(['past', 'later']);
  });

  it('are those below 300 ms, as long as there are places', async () => {
    const { timers, due } = timersOf(1);
    expect(timers.tryTake(due('far', 300))).toBeUndefined();
    const taken = timers.tryTake(due('near', 20));
    expect(taken).toBeDefined();
    expect(timers.tryTake(due('crowded', 20))).toBeUndefined();
    await taken;
    const next = timers.tryTake(due('next', 1));
    expect(next).toBeDefined();
    await next;
  });

  it('are given up with the process, so that their commits are handed out again', async () => {
    const { timers, fired, due } = timersOf(4);
    const taken = timers.tryTake(due('near', 299));
    timers[Symbol.dispose]();
    await expect(taken).rejects.toThrow('shutting down');
    expect(fired).toEqual([]);
  });
});

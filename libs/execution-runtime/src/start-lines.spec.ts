import type { StartQueue } from '#libs/work-queue-jetstream';
import { QueueLength } from './queue-length.ts';
import { StartDoor } from './start-door.ts';
import { StartLines } from './start-lines.ts';
import { WorkFigures } from './work-figures.ts';

const LONG: StartQueue = { kind: 'start', lane: 'normal', shards: [0, 1] };
const SHORT: StartQueue = { kind: 'start', lane: 'normal', shards: [2, 3] };

/** Lines before a door that lets everybody in, with so many in the queue of each of the first two shards. */
function linesWith(backlog: number) {
  const clock = { ms: 0 };
  const nowMs = (): number => clock.ms;
  const door = new StartDoor({
    shards: 4,
    weights: { high: 8, normal: 4, low: 1 },
    ...{ nowMs, atOnce: () => 100, youngAttempts: () => 0, isFull: () => false },
  });
  const figures = new WorkFigures(['start.normal'], nowMs);
  const lines = new StartLines({ door, begin: async () => undefined, isPaused: () => false, figures, nowMs });
  for (let shard = 0; shard < 4; shard++)
    lines.serve({ lane: 'normal', shard }, new QueueLength({ nowMs, hasRoom: () => false }));
  const fromQueue = (shard: number, pending: number) => lines.fromQueue({ lane: 'normal', shard }, {}, { pending });
  const comes = (queue: StartQueue) => lines.directFrom(64).tryTake(queue, {});
  return { clock, lines, fromQueue, comes, fill: () => Promise.all([fromQueue(0, backlog), fromQueue(1, backlog)]) };
}

describe('how many executions are worked on at once', () => {
  it('are many while nobody waits in line', async () => {
    const { lines, fill } = linesWith(0);
    expect(lines.atOnce).toBe(96);
    await fill();
    expect(lines.atOnce).toBe(96);
  });

  it('are fewer while a long line is served that is alone', async () => {
    const { lines, fill, comes } = linesWith(1_000);
    await fill();
    expect(lines.atOnce).toBe(10);
    expect(comes(LONG)).toBeUndefined();
    expect(lines.atOnce).toBe(10);
  });

  it('are very few while somebody comes beside it, and for a moment after', async () => {
    const { clock, lines, fill, comes } = linesWith(1_000);
    await fill();
    await comes(SHORT);
    expect(lines.atOnce).toBe(3);
    clock.ms += 999;
    expect(lines.atOnce).toBe(3);
    clock.ms += 1;
    expect(lines.atOnce).toBe(10);
  });

  it('are so too when whoever comes was handed out by another process', async () => {
    const { lines, fill, fromQueue } = linesWith(1_000);
    await fill();
    await fromQueue(2, 0);
    expect(lines.atOnce).toBe(3);
  });
});

import fc from 'fast-check';
import type { ExecutionEvent } from '#libs/execution-engine';
import {
  GateWorld,
  gatedPlan,
  InMemoryGateLines,
  InMemoryGateValues,
  type GateTask,
  type GateWorker,
} from './testing/index.ts';

type OnLimit = 'queue' | 'skip' | 'cancelOldest';

/** What chance decides in turn: which task is next, before which step its worker dies, whether it is delivered twice. */
interface Choice {
  readonly pick: number;
  readonly crash: number | null;
  readonly isTwice: boolean;
}

class Crash extends Error {}

const onLimits = fc.constantFrom<OnLimit[]>('queue', 'skip', 'cancelOldest');
const executions = fc.array(fc.record({ key: fc.constantFrom('a', 'b'), isCancelled: fc.boolean() }), {
  minLength: 1,
  maxLength: 8,
});
const choices: fc.Arbitrary<fc.Stream<Choice>> = fc.infiniteStream(
  fc.record({ pick: fc.nat(), crash: fc.option(fc.nat(9), { freq: 3 }), isTwice: fc.boolean() }),
);

const CODES: Readonly<Record<OnLimit, readonly string[]>> = {
  queue: [],
  skip: ['CONCURRENCY_LIMIT'],
  cancelOldest: ['CONCURRENCY_SUPERSEDED'],
};

/** Several workers at the tasks of one world. */
class Crew {
  #busy = 0;

  constructor(
    private readonly world: GateWorld,
    private readonly scheduler: fc.Scheduler,
    private readonly chance: fc.Stream<Choice>,
  ) {}

  /** Works until nothing is left and nobody is busy. */
  async work(worker: GateWorker): Promise<void> {
    const { tasks } = this.world;
    while (tasks.length > 0 || this.#busy > 0) {
      const choice = this.chance.next().value as Choice;
      const [task] = tasks.splice(choice.pick % Math.max(1, tasks.length), 1);
      if (task) await this.#deal(worker, task, choice);
      else await this.scheduler.schedule(Promise.resolve());
    }
  }

  async #deal(worker: GateWorker, task: GateTask, { crash, isTwice }: Choice): Promise<void> {
    let stepsLeft = crash ?? Number.POSITIVE_INFINITY;
    this.#busy++;
    try {
      await worker.run(task, async () => {
        await this.scheduler.schedule(Promise.resolve());
        if (stepsLeft-- <= 0) throw new Crash();
      });
      // Not for ever: whoever is to die often enough is delivered again anyway.
      if (isTwice && crash !== null && task.kind === 'followUp') this.world.tasks.push(task);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.world.tasks.push(task);
    } finally {
      this.#busy--;
    }
  }
}

describe('a concurrency gate', () => {
  it.each([1, 2])(
    'with limit %d: never more than that under way, in order, nobody left behind, whoever dies and whenever',
    async (limit) => {
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), onLimits, executions, choices, async (scheduler, onLimit, all, chance) => {
          const [values, lines] = [new InMemoryGateValues(), new InMemoryGateLines()];
          const concurrency = { limit, key: '{{ trigger.body.key }}', onLimit };
          const world = new GateWorld(gatedPlan({ settings: { concurrency } }), { values, lines });
          const most = { a: 0, b: 0 };
          world.onCommit = () => {
            for (const key of ['a', 'b'] as const) {
              const holders = [...world.underWay].filter((id) => id.endsWith(key)).length;
              most[key] = Math.max(most[key], holders);
            }
          };
          const door = world.newWorker();
          for (const [index, { key, isCancelled }] of all.entries()) {
            const executionId = `ex_${index}_${key}`;
            await world.start(door, executionId, key);
            if (isCancelled) world.tasks.push({ kind: 'cancel', executionId });
          }
          const crew = new Crew(world, scheduler, chance);
          await scheduler.waitFor(Promise.all([1, 2, 3].map(() => crew.work(world.newWorker()))));

          expect(Math.max(most.a, most.b)).toBeLessThanOrEqual(limit);
          expect(idsOf(world, 'ExecutionSucceeded', 'ExecutionCancelled')).toHaveLength(all.length);
          expect(reasonsIn(world).filter((code) => !CODES[onLimit].includes(code))).toEqual([]);
          expect(lines.waiting).toEqual([]);
          expect(values.all.filter((value) => JSON.stringify(value) !== '{"holders":[]}')).toEqual([]);
          expectInOrder(idsOf(world, 'AdmissionGranted'), lines);
        }),
        { numRuns: 60 },
      );
    },
    60_000,
  );
});

/** Everybody once; those who stood in a line in the order in which they joined it. */
function expectInOrder(granted: readonly string[], lines: InMemoryGateLines): void {
  expect(new Set(granted).size).toBe(granted.length);
  for (const joined of lines.joined.values()) {
    const begun = granted.filter((id) => joined.includes(id));
    expect(begun).toEqual([...new Set(joined)].filter((id) => begun.includes(id)));
  }
}

function idsOf(world: GateWorld, ...types: ExecutionEvent['type'][]): string[] {
  return world.events.filter(({ event }) => types.includes(event.type)).map(({ executionId }) => executionId);
}

function reasonsIn(world: GateWorld): string[] {
  return world.events.flatMap(({ event }) =>
    event.type === 'ExecutionCancelled' && event.data.reason ? [event.data.reason.code] : [],
  );
}

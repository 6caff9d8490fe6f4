import { GateWorld, gatedPlan, InMemoryGateLines, InMemoryGateValues, type GateWorker } from './testing/index.ts';

interface Overlapping {
  readonly world: GateWorld;
  readonly worker: GateWorker;
  readonly lines: InMemoryGateLines;
  readonly come: (executionId: string, key: string) => Promise<void>;
  readonly finish: (executionId: string) => Promise<void>;
}

/** Executions of one schedule, in a workflow with a limit of its own for each key. */
function scheduledWith(overlap: 'queue' | 'cancelPrevious'): Overlapping {
  const [values, lines] = [new InMemoryGateValues(), new InMemoryGateLines()];
  const plan = gatedPlan({
    trigger: { type: 'trigger.schedule', config: { cron: '@daily', overlap } },
    settings: { concurrency: { limit: 1, key: '{{ trigger.body.key }}', onLimit: 'queue' } },
  });
  const world = new GateWorld(plan, { values, lines });
  const worker = world.newWorker();
  return {
    world,
    worker,
    lines,
    come: async (executionId, key) => {
      await world.start(worker, executionId, key);
      await world.settle(worker);
    },
    finish: async (executionId) => {
      await worker.run({ kind: 'finish', executionId });
      await world.settle(worker);
    },
  };
}

describe('a schedule whose executions must not overlap', () => {
  it('has them wait for each other with queue, and both of its gates are given back', async () => {
    const { world, lines, come, finish } = scheduledWith('queue');
    await come('ex_1', 'a');
    await come('ex_2', 'b');
    await come('ex_3', 'a');
    expect([...world.underWay]).toEqual(['ex_1']);
    for (const [over, next] of [
      ['ex_1', 'ex_2'],
      ['ex_2', 'ex_3'],
    ] as const) {
      await finish(over);
      expect([...world.underWay]).toEqual([next]);
    }
    await finish('ex_3');
    await come('ex_4', 'a');
    expect([...world.underWay]).toEqual(['ex_4']);
    expect(lines.waiting).toEqual([]);
  });

  it('has the earlier one cancelled with cancelPrevious', async () => {
    const { world, lines, come } = scheduledWith('cancelPrevious');
    for (const id of ['ex_1', 'ex_2', 'ex_3']) {
      await come(id, 'a');
      expect([...world.underWay]).toEqual([id]);
    }
    const cancelled = world.events.flatMap(({ executionId, event }) =>
      event.type === 'ExecutionCancelled' ? [[executionId, event.data.reason?.code]] : [],
    );
    expect(cancelled).toEqual([
      ['ex_1', 'CONCURRENCY_SUPERSEDED'],
      ['ex_2', 'CONCURRENCY_SUPERSEDED'],
    ]);
    expect(lines.waiting).toEqual([]);
  });
});

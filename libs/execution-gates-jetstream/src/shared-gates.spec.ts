import type { JsonObject } from '#libs/kernel';
import { MAX_CONFLICTS } from './change-value.ts';
import { tokenOf } from './token-of.ts';
import { GateWorld, gatedPlan, InMemoryGateLines, InMemoryGateValues, type GateWorker } from './testing/index.ts';

const KEY = '{{ trigger.body.key }}';

interface World {
  readonly world: GateWorld;
  readonly worker: GateWorker;
  readonly values: InMemoryGateValues;
  readonly lines: InMemoryGateLines;
  /** Starts one and does all that follows but finishing executions. */
  readonly come: (executionId: string, key?: string) => Promise<void>;
  readonly finish: (executionId: string) => Promise<void>;
}

function worldOf(of: { trigger?: JsonObject; settings?: JsonObject }): World {
  const [values, lines] = [new InMemoryGateValues(), new InMemoryGateLines()];
  const world = new GateWorld(gatedPlan(of), { values, lines });
  const worker = world.newWorker();
  return {
    world,
    worker,
    values,
    lines,
    come: async (executionId, key = 'a') => {
      await world.start(worker, executionId, key);
      await world.settle(worker);
    },
    finish: async (executionId) => {
      await worker.run({ kind: 'finish', executionId });
      await world.settle(worker);
    },
  };
}

const concurrency = (onLimit: string, limit = 1): { settings: JsonObject } => ({
  settings: { concurrency: { limit, key: KEY, onLimit } },
});

function ended(world: GateWorld, executionId: string): unknown {
  const reasons = world.events.flatMap((one) =>
    one.executionId === executionId && one.event.type === 'ExecutionCancelled' ? [one.event.data.reason] : [],
  );
  return reasons[0];
}

const heldUntil = (world: GateWorld, executionId: string): (string | undefined)[] =>
  world.events.flatMap((one) =>
    one.executionId === executionId && one.event.type === 'AdmissionHeld' ? [one.event.data.until] : [],
  );

describe('concurrency', () => {
  it('with room lets an execution begin without a word of waiting', async () => {
    const { world, come } = worldOf(concurrency('queue'));
    await come('ex_1');
    expect(world.typesOf('ex_1')).toEqual([
      'ExecutionStarted',
      'AdmissionRequested',
      'AdmissionGranted',
      'NodeScheduled',
    ]);
  });

  it('lets those in line begin one after the other, and other keys meanwhile', async () => {
    const { world, come, finish, lines } = worldOf(concurrency('queue'));
    for (const id of ['ex_1', 'ex_2', 'ex_3']) await come(id);
    await come('ex_other', 'b');
    expect([...world.underWay]).toEqual(['ex_1', 'ex_other']);
    expect(heldUntil(world, 'ex_2')).toEqual([undefined]);
    await finish('ex_1');
    expect([...world.underWay]).toEqual(['ex_other', 'ex_2']);
    await finish('ex_2');
    expect([...world.underWay]).toEqual(['ex_other', 'ex_3']);
    expect(lines.waiting).toEqual([]);
  });

  it('skips in line who was cancelled', async () => {
    const { world, worker, come, finish, lines } = worldOf(concurrency('queue'));
    for (const id of ['ex_1', 'ex_2', 'ex_3']) await come(id);
    await worker.run({ kind: 'cancel', executionId: 'ex_2' });
    await world.settle(worker);
    expect(lines.waiting.map(({ executionId }) => executionId)).toEqual(['ex_3']);
    await finish('ex_1');
    expect([...world.underWay]).toEqual(['ex_3']);
  });

  it('turns away with `skip`, also when asked twice', async () => {
    const { world, worker, come, lines } = worldOf(concurrency('skip', 2));
    for (const id of ['ex_1', 'ex_2']) await come(id);
    await world.start(worker, 'ex_3', 'a');
    await worker.run(world.tasks.pop()!);
    const admit = world.tasks.pop()!;
    await worker.run(admit);
    await worker.run(admit);
    const message = '2 executions with the same key were under way';
    expect(ended(world, 'ex_3')).toEqual({ code: 'CONCURRENCY_LIMIT', message });
    expect([...world.underWay]).toEqual(['ex_1', 'ex_2']);
    expect(lines.waiting).toEqual([]);
  });

  it('cancels the oldest with `cancelOldest`, and begins when it has left', async () => {
    const { world, worker, come } = worldOf(concurrency('cancelOldest', 2));
    for (const id of ['ex_1', 'ex_2']) await come(id);
    await world.start(worker, 'ex_3', 'a');
    await worker.run(world.tasks.pop()!);
    await worker.run(world.tasks.pop()!);
    const message = 'ex_3, with the same key, took its place';
    expect(ended(world, 'ex_1')).toEqual({ code: 'CONCURRENCY_SUPERSEDED', message });
    expect([...world.underWay]).toEqual(['ex_2']);
    await world.settle(worker);
    expect([...world.underWay]).toEqual(['ex_2', 'ex_3']);
  });

  it('makes room of a holder that is over and whose leaving was lost', async () => {
    const { world, worker, come } = worldOf(concurrency('queue'));
    await come('ex_1');
    await worker.run({ kind: 'cancel', executionId: 'ex_1' });
    world.tasks.length = 0;
    await come('ex_2');
    expect([...world.underWay]).toEqual(['ex_2']);
  });

  it('keeps nothing for an execution that ended before it was asked about', async () => {
    const { world, worker, values } = worldOf(concurrency('queue'));
    await world.start(worker, 'ex_1', 'a');
    await worker.run(world.tasks.pop()!);
    await worker.run({ kind: 'cancel', executionId: 'ex_1' });
    await world.settle(worker);
    expect(values.all).toEqual([{ holders: [] }]);
  });

  it('gives up, to be asked again, when others always write first', async () => {
    const { values, lines } = worldOf(concurrency('queue'));
    let writes = 0;
    const contended = {
      read: (token: string) => values.read(token),
      tryWrite: async (): Promise<boolean> => ++writes < 0,
    };
    const busy = new GateWorld(gatedPlan(concurrency('queue')), { values: contended, lines });
    const worker = busy.newWorker();
    await busy.start(worker, 'ex_1', 'a');
    await expect(busy.settle(worker)).rejects.toMatchObject({ kind: 'unavailable', code: 'GATE_CONTENDED' });
    expect(writes).toBe(MAX_CONFLICTS);
  });
});

describe('debounce', () => {
  const debounced = { trigger: { debounce: { delayMs: 1_000, key: KEY } } };
  const until = (worker: GateWorker, ms: number): string => new Date(worker.clock.ms + ms).toISOString();

  it('lets only the newest begin, the delay after it came', async () => {
    const { world, worker, come } = worldOf(debounced);
    for (const id of ['ex_1', 'ex_2', 'ex_3']) {
      await come(id);
      worker.clock.ms += 100;
    }
    await come('ex_other', 'b');
    expect(ended(world, 'ex_1')).toEqual({ code: 'DEBOUNCED', message: 'ex_2, with the same key, came soon after it' });
    expect(ended(world, 'ex_2')).toMatchObject({ code: 'DEBOUNCED' });
    expect(heldUntil(world, 'ex_3')).toEqual([until(worker, 900)]);
    expect(heldUntil(world, 'ex_other')).toEqual([until(worker, 1_000)]);
    worker.clock.ms += 900;
    await worker.journal.submit('ex_3', { type: 'FireTimer', timerId: 'gate-0' });
    expect([...world.underWay]).toEqual(['ex_3']);
  });

  it('leaves alone who was held for the whole delay', async () => {
    const { world, worker, come } = worldOf(debounced);
    await come('ex_1');
    worker.clock.ms += 1_000;
    await come('ex_2');
    expect(ended(world, 'ex_1')).toBeUndefined();
    await worker.journal.submit('ex_1', { type: 'FireTimer', timerId: 'gate-0' });
    expect([...world.underWay]).toEqual(['ex_1']);
  });

  it('never cancels who has begun', async () => {
    const { world, worker, come } = worldOf(debounced);
    await come('ex_1');
    await worker.journal.submit('ex_1', { type: 'PassGate', gate: 0 });
    await come('ex_2');
    expect([...world.underWay]).toEqual(['ex_1']);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])('goes on where a worker died, after %d steps', async (steps) => {
    const { world, worker, come } = worldOf(debounced);
    await come('ex_1');
    worker.clock.ms += 10;
    await world.start(worker, 'ex_2', 'a');
    await worker.run(world.tasks.pop()!);
    const admit = world.tasks.pop()!;
    let left = steps;
    const dying = worker.run(admit, async () => {
      if (left-- === 0) throw new Error('killed');
    });
    await dying.catch(() => undefined);
    worker.clock.ms += 10;
    await come('ex_3');
    await worker.run(admit);
    await world.settle(worker);
    expect(ended(world, 'ex_1')).toMatchObject({ code: 'DEBOUNCED' });
    expect(ended(world, 'ex_2')).toMatchObject({ code: 'DEBOUNCED' });
    expect(heldUntil(world, 'ex_3')).toHaveLength(1);
    expect(ended(world, 'ex_3')).toBeUndefined();
  });
});

describe('throttle', () => {
  const throttled = { trigger: { throttle: { limit: 2, perMs: 300, key: KEY } } };

  it('lets the limit begin at once and tells the others when', async () => {
    const { world, worker, come } = worldOf(throttled);
    for (const id of ['ex_1', 'ex_2', 'ex_3', 'ex_4', 'ex_5']) await come(id);
    await come('ex_other', 'b');
    expect([...world.underWay]).toEqual(['ex_1', 'ex_2', 'ex_other']);
    const at = (ms: number): string[] => [new Date(worker.clock.ms + ms).toISOString()];
    expect(['ex_3', 'ex_4', 'ex_5'].map((id) => heldUntil(world, id))).toEqual([at(300), at(300), at(600)]);
  });

  it('gives a place once to who asks twice', async () => {
    const { world, worker, come } = worldOf(throttled);
    for (const id of ['ex_1', 'ex_2']) await come(id);
    await world.start(worker, 'ex_3', 'a');
    await worker.run(world.tasks.pop()!);
    const admit = world.tasks.pop()!;
    let left = 2;
    const dying = worker.run(admit, async () => {
      if (left-- === 0) throw new Error('killed before it could tell');
    });
    await expect(dying).rejects.toThrow('killed');
    await worker.run(admit);
    await worker.run(admit);
    await come('ex_4');
    expect(heldUntil(world, 'ex_3')).toEqual(heldUntil(world, 'ex_4'));
  });
});

describe('several gates', () => {
  it('are passed one after the other', async () => {
    const settings = { concurrency: { limit: 1 } };
    const { world, worker, come } = worldOf({ trigger: { throttle: { limit: 1, perMs: 300 } }, settings });
    await come('ex_1');
    await come('ex_2');
    worker.clock.ms += 300;
    await worker.journal.submit('ex_2', { type: 'FireTimer', timerId: 'gate-0' });
    await world.settle(worker);
    expect([...world.underWay]).toEqual(['ex_1']);
    await worker.run({ kind: 'finish', executionId: 'ex_1' });
    await world.settle(worker);
    expect([...world.underWay]).toEqual(['ex_2']);
  });
});

describe('tokenOf', () => {
  it('is a subject token for any key, another for each kind', () => {
    const keys = ['a', 'a.b', '> *', '\u0000', 'x'.repeat(10_000), ''];
    const tokens = keys.flatMap((key) => (['concurrency', 'debounce'] as const).map((kind) => tokenOf({ kind, key })));
    expect(new Set(tokens).size).toBe(keys.length * 2);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
  });
});

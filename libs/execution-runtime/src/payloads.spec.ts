import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { INLINE_PAYLOAD_LIMIT, type ExecutionEvent, type PayloadStore } from '#libs/execution-engine';
import {
  begin,
  executionsOf,
  InMemoryPayloadStore,
  passedOn,
  planOf,
  scheduled,
  started,
  succeeded,
  succeededWith,
  success,
} from '#libs/execution-engine/testing';
import { Payloads } from './payloads.ts';
import { commitsOf, eventsOf, runtimeOn, startOf } from './testing/index.ts';

/** A text whose JSON, quotes included, has so many units. */
const textOf = (units: number): string => 'x'.repeat(units - 2);
const atLimit = textOf(INLINE_PAYLOAD_LIMIT);
const large = textOf(INLINE_PAYLOAD_LIMIT + 1);

describe('a value to record', () => {
  it('is carried by the event up to the limit', async () => {
    const store = new InMemoryPayloadStore();
    expect(await new Payloads(store).toPayload('ex_1', atLimit)).toEqual({ value: atLimit });
    expect(store.size).toBe(0);
  });

  it('above the limit is put away, and comes back', async () => {
    const store = new InMemoryPayloadStore();
    const payload = await new Payloads(store).toPayload('ex_1', { large });
    if (!('stored' in payload)) throw new Error('not put away');
    expect(payload.stored).toMatchObject({ bytes: INLINE_PAYLOAD_LIMIT + 11 });
    expect(await new Payloads(store).valueAt(payload.stored)).toEqual({ large });
  });

  it('that was put away by this process is not fetched', async () => {
    const store: PayloadStore = {
      put: (id, json) => new InMemoryPayloadStore().put(id, json),
      get: () => Promise.reject(new Error('nothing is to be fetched')),
    };
    const payloads = new Payloads(store);
    const payload = await payloads.toPayload('ex_1', large);
    if (!('stored' in payload)) throw new Error('not put away');
    expect(await payloads.valueAt(payload.stored)).toBe(large);
  });
});

describe('the events of a commit', () => {
  it.each([[[started()]], [[scheduled('a'), succeeded('a', 7), succeeded('b', 'short'), succeeded('c', null)]]])(
    'are left alone without a large output: %j',
    async (events) => {
      expect(await new Payloads(new InMemoryPayloadStore()).putAway('ex_1', events)).toBe(events);
    },
  );

  it('keep of the results of another execution what they have room for', async () => {
    const store = new InMemoryPayloadStore();
    const result = (value: string) =>
      ({ status: 'succeeded', attempt: 1, output: { value }, leavesBy: ['main'] }) as const;
    const nodes = {
      large: result(large),
      skipped: { status: 'skipped' },
      ...Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`n${n}`, result(atLimit)])),
    } as const;
    const payloads = new Payloads(store);
    const [event] = await payloads.putAway('ex_1', [{ type: 'ResultsKept', data: { nodes } }]);
    if (event?.type !== 'ResultsKept') throw new Error('not the event');
    const kept = Object.entries(event.data.nodes);
    const stored = kept.flatMap(([id, one]) => ('output' in one && 'stored' in one.output ? [id] : []));
    expect(stored).toEqual(['large', 'n8']);
    expect(event.data.nodes['n0']).toEqual(result(atLimit));
    expect(event.data.nodes['skipped']).toEqual({ status: 'skipped' });
    expect(store.size).toBe(2);
  });

  it('keep all but their large outputs', async () => {
    const store = new InMemoryPayloadStore();
    const events = [succeeded('a', { n: 1 }), succeeded('b', { large }), passedOn('c', 'b', 'main'), scheduled('d')];
    const [a, b, c, d] = await new Payloads(store).putAway('ex_1', events);
    expect([a, c, d]).toEqual([events[0], events[2], events[3]]);
    const stored = { object: 'ex_1/1', bytes: INLINE_PAYLOAD_LIMIT + 11, sha256: expect.any(String) as string };
    expect(b).toEqual(succeededWith('b', { stored }));
  });

  it('fit in a message together, however many large outputs there are', async () => {
    const store = new InMemoryPayloadStore();
    const events = Array.from({ length: 60 }, (_, index) => succeeded(`n${index}`, { text: textOf(60_000) }));
    const recorded = await new Payloads(store).putAway('ex_1', events);
    expect(JSON.stringify(recorded).length).toBeLessThan(9 * INLINE_PAYLOAD_LIMIT);
    expect(store.size).toBe(60 - 8);
    expect(recorded.map((event) => event.type === 'NodeSucceeded' && event.data.nodeId)).toEqual(
      events.map((event) => event.type === 'NodeSucceeded' && event.data.nodeId),
    );
  });
});

describe('the values of a state', () => {
  const { fold } = executionsOf(planOf({ start: 'trigger.manual' }));

  it('are all that it refers to', async () => {
    const store = new InMemoryPayloadStore();
    const input = { stored: await store.put('ex_1', '"the input"') };
    const output = { stored: await store.put('ex_1', '[1]') };
    const first = started();
    const state = fold([
      { ...first, data: { ...first.data, input } },
      succeeded('a', 'inline'),
      succeededWith('b', output),
      passedOn('c', 'b', 'main'),
      scheduled('d'),
    ]);
    expect(await new Payloads(store).loadFor(state)).toEqual(
      new Map<string, unknown>([
        ['ex_1/1', 'the input'],
        ['ex_1/2', [1]],
      ]),
    );
  });

  it('are none for one that holds all itself, or never started', async () => {
    const payloads = new Payloads(new InMemoryPayloadStore());
    expect(await payloads.loadFor(fold([started(), succeeded('a')]))).toEqual(new Map());
    expect(await payloads.loadFor(fold([]))).toEqual(new Map());
  });
});

describe('an execution with large outputs', () => {
  it('records where they lie, and its expressions see them, in another process too', async () => {
    const plan = planOf(
      {
        start: 'trigger.manual',
        fetch: 'noop',
        big: { type: 'if', config: { condition: true } },
        send: 'noop',
        count: { type: 'set', config: { values: { of: '{{ nodes.big.output.large.size() }}' } } },
      },
      ['start > fetch', 'fetch > big', 'big:true > send', 'send > count'],
    );
    const log = new InMemoryEventStore<ExecutionEvent>();
    const store = new InMemoryPayloadStore();
    const { journal } = runtimeOn(log, plan, store);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    await journal.submit('ex_1', success('fetch', { large }));
    await runtimeOn(log, plan, store).journal.submit('ex_1', success('send'));
    const events = await eventsOf(log);
    expect(events[2]).toHaveProperty('data.output.stored.object', 'ex_1/1');
    expect(events[3]).toEqual(passedOn('big', 'fetch', 'true'));
    expect(events).toContainEqual(succeeded('count', { of: large.length }));
    expect(store.size).toBe(1);
  });

  it('of one decision still has commits that fit in a message', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
    const copy = { type: 'set', config: { values: { copy: '{{ trigger.text }}' } } };
    const plan = planOf(
      { start: 'trigger.manual', ...Object.fromEntries(names.map((name) => [name, copy])) },
      names.map((name) => `start > ${name}`),
    );
    const log = new InMemoryEventStore<ExecutionEvent>();
    const { journal } = runtimeOn(log, plan);
    await journal.start('ex_1', startOf({ text: textOf(60_000) }));
    await journal.submit('ex_1', begin);
    const commits = await commitsOf(log);
    expect(commits.at(-1)?.events.at(-1)?.type).toBe('ExecutionSucceeded');
    expect(Math.max(...commits.map((commit) => JSON.stringify(commit).length))).toBeLessThan(1_000_000);
  });
});

import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { DRIFT_LIMITS, type ExecutionEvent } from '#libs/execution-engine';
import { begin, nodeTypesWith, planOf, type DrawnNode, type Work } from '#libs/execution-engine/testing';
import { NodeError, type ResponseDrift } from '#libs/node-kit';
import type { CredentialSource } from './attempt-credentials.ts';
import { AttemptRunner } from './attempt-runner.ts';
import { NoticedDrift } from './noticed-drift.ts';
import { Redaction } from './redaction.ts';
import { eventsOf, runtimeOn, startOf } from './testing/index.ts';

const gone: ResponseDrift = { path: 'id', expected: 'string', found: 'missing' };
const plain = new Redaction([]);
const credentials: CredentialSource = {
  find: async (_, id) => ({
    kind: 'found',
    credential: { id, type: 'http.bearer', data: { token: 'a-secret-token' }, allowedHosts: [] },
  }),
  renew: async () => ({ kind: 'absent' }),
};

/** What is recorded of an execution whose node is attempted once, and what is told to whoever counts. */
async function madeOnce(work: Work, node: DrawnNode, batch?: number) {
  const types = nodeTypesWith(work);
  const plan = planOf({ start: 'trigger.manual', call: node }, ['start > call'], types);
  const store = new InMemoryEventStore<ExecutionEvent>();
  const runtime = runtimeOn(store, plan);
  await runtime.journal.start('ex_1', startOf());
  await runtime.journal.submit('ex_1', begin);
  const runner = new AttemptRunner({
    ...runtime,
    plans: { planOf: async () => plan },
    nodeTypes: types,
    credentials,
    onFault: (error) => {
      throw error;
    },
  });
  const attempt = { executionId: 'ex_1', nodeId: 'call', attempt: 1, ...(batch === undefined ? {} : { batch }) };
  const ended = await runner.run(attempt, new AbortController().signal);
  return { ended, events: await eventsOf(store) };
}

function driftIn(events: readonly ExecutionEvent[]): unknown[] {
  return events.filter(({ type }) => type === 'ResponseDrifted').map(({ data }) => data);
}

describe('drift that an attempt notices', () => {
  it('is recorded with its success, and counted', async () => {
    const { ended, events } = await madeOnce(async ({ noticeDrift }) => {
      noticeDrift([gone]);
      return { ok: true };
    }, 'work');
    expect(ended).toEqual({ outcome: 'succeeded', nodeType: 'work', drifted: 1 });
    expect(driftIn(events)).toEqual([{ nodeId: 'call', attempt: 1, drift: [gone] }]);
    expect(events.slice(-3).map(({ type }) => type)).toEqual([
      'ResponseDrifted',
      'NodeSucceeded',
      'ExecutionSucceeded',
    ]);
  });

  it('is nothing when there is none, or when it fails', async () => {
    const fine = await madeOnce(async () => ({}), 'work');
    expect([fine.ended, driftIn(fine.events)]).toEqual([{ outcome: 'succeeded', nodeType: 'work' }, []]);
    const broken = await madeOnce(({ noticeDrift }) => {
      noticeDrift([gone]);
      return Promise.reject(new NodeError('BROKEN', 'it broke', { retryable: false }));
    }, 'work');
    expect([broken.ended, driftIn(broken.events)]).toEqual([{ outcome: 'failed', nodeType: 'work' }, []]);
  });

  it('names no secret, though the other side made a field of it', async () => {
    const { events } = await madeOnce(async ({ credential, noticeDrift }) => {
      await credential('cr_1', ['http.bearer']);
      noticeDrift([{ ...gone, path: 'tokens.a-secret-token' }]);
      return {};
    }, 'work');
    expect(driftIn(events)).toMatchObject([{ drift: [{ path: 'tokens.[redacted]' }] }]);
    expect(JSON.stringify(events)).not.toContain('a-secret-token');
  });

  it('of a batch names the item, and is counted for all of them', async () => {
    const each = {
      type: 'forEach',
      config: { items: ['a', 'b', 'c'], batchSize: 3, node: { type: 'work' } },
    };
    const { ended, events } = await madeOnce(
      async ({ scope, noticeDrift }) => {
        if (scope.index !== 1) noticeDrift([gone]);
        return {};
      },
      each,
      0,
    );
    expect(ended).toEqual({ outcome: 'succeeded', nodeType: 'work', drifted: 2 });
    expect(driftIn(events)).toEqual([
      {
        nodeId: 'call',
        attempt: 1,
        drift: [
          { index: 0, ...gone },
          { index: 2, ...gone },
        ],
      },
    ]);
  });

  it('is kept once, without what it brings besides', () => {
    const noticed = new NoticedDrift();
    const value = { ...gone, value: 'x' };
    noticed.add([value, gone]);
    noticed.add([gone, { ...gone, found: 'null' }]);
    expect(noticed.without(plain)).toEqual([gone, { ...gone, found: 'null' }]);
  });

  it('is kept up to what is recorded', () => {
    const noticed = new NoticedDrift();
    noticed.add(Array.from({ length: 100_000 }, (_, index) => ({ ...gone, path: `[${index}]` })));
    noticed.add([gone]);
    expect(noticed.without(plain)).toHaveLength(DRIFT_LIMITS.entries);
  });

  it('ends before a secret that it ends within', () => {
    const noticed = new NoticedDrift();
    noticed.add([{ ...gone, path: 'x.a-secret-to' }]);
    expect(noticed.without(new Redaction(['a-secret-token']))).toEqual([{ ...gone, path: 'x.[redacted]' }]);
  });
});

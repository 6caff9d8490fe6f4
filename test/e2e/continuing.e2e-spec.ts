import type { JsonValue } from '#libs/kernel';
import { Api, type Execution, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

describe('an execution that goes on from another', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  /** Paths whose callers are answered 400. */
  const broken = new Set<string>();
  /** Callers of `/slow` wait for it. */
  let slow: PromiseWithResolvers<void>;

  beforeAll(async () => {
    sink = await Sink.start(async ({ path }) => {
      if (path.startsWith('/slow')) await slow.promise;
      return { status: broken.has(path) ? 400 : 200, body: JSON.stringify({ path }) };
    });
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    broken.clear();
    sink.calls.length = 0;
    slow = Promise.withResolvers();
    api = await Api.register(millrace.url);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const post = (path: string): object => ({
    type: 'http.request',
    config: { method: 'POST', url: `${sink.url}${path}`, json: { order: '{{ trigger.body.order }}' } },
    retry: { maxAttempts: 1 },
  });
  const calls = (): string[] => sink.calls.map(({ path }) => path).sort();
  const begin = async (workflowId: string, input: JsonValue = { order: 'A-17' }): Promise<string> => {
    const { body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input } });
    return (body as { executionId: string }).executionId;
  };
  const start = async (workflowId: string): Promise<Execution> => api.ended(await begin(workflowId));
  const send = (id: string, what: 'retry' | 'fork', json?: JsonValue): Promise<Reply> =>
    api.send('POST', `/v1/executions/${id}/${what}`, json === undefined ? {} : { json });
  const begun = async (id: string, what: 'retry' | 'fork', json: JsonValue): Promise<string> => {
    const { status, headers, body } = await send(id, what, json);
    const { executionId } = body as { executionId: string };
    expect([status, headers.get('location')]).toEqual([202, `/v1/executions/${executionId}`]);
    return executionId;
  };
  const ended = async (id: string, what: 'retry' | 'fork', json: JsonValue): Promise<Execution> =>
    api.ended(await begun(id, what, json));
  const eventOf = async (id: string, type: string, nodeId?: string): Promise<number> => {
    const found = (await api.events(id)).find((one) => one.type === type && one.data.nodeId === nodeId);
    return found?.version ?? 0;
  };
  /** `first`, `second` and `third`, one after the other. */
  const chain = (): object =>
    manualGraph({ first: post('/first'), second: post('/second'), third: post('/third') }, [
      ...['start>first', 'first>second', 'second>third'],
    ]);
  const change = async (id: string, definition: object): Promise<void> => {
    const headers = { 'if-match': (await api.send('GET', `/v1/workflows/${id}`)).headers.get('etag') ?? '' };
    expect((await api.send('PUT', `/v1/workflows/${id}`, { json: definition, headers })).status).toBe(200);
  };

  describe('a retry', () => {
    it('begins where it failed, and does nothing again that was done before', async () => {
      broken.add('/second');
      const failed = await start(await api.create(chain()));
      broken.clear();
      const again = await ended(failed.id, 'retry', { from: 'failed' });
      expect(again).toMatchObject({
        ...{ status: 'succeeded', input: failed.input, forkedFrom: failed.id, workflowVersion: 1 },
        trigger: { type: 'retry', nodeId: 'start' },
      });
      expect(calls()).toEqual(['/first', '/second', '/second', '/third']);
      expect((await api.send('GET', `/v1/executions/${failed.id}`)).body).toEqual(failed);
      const [started] = await api.events(again.id);
      expect(started).toMatchObject({ actor: { type: 'user' }, data: { origin: { kind: 'retry', version: 5 } } });
    });

    it('settles the dead letter of what failed', async () => {
      broken.add('/second');
      const failed = await start(await api.create(chain()));
      const open = await until('it has a dead letter', async () => {
        const { body } = await api.send('GET', '/v1/dead-letters');
        return (body as { items: { id: string; executionId: string }[] }).items.find(
          (one) => one.executionId === failed.id,
        );
      });
      const again = await begun(failed.id, 'retry', {});
      await until('it is redriven', async () => {
        const { body } = await api.send('GET', `/v1/dead-letters/${open.id}`);
        const { status, redrivenAs } = body as { status: string; redrivenAs: string | null };
        return status === 'redriven' && redrivenAs === again ? true : undefined;
      });
    });

    it('begins at the node that is named, with all that lies behind it', async () => {
      const done = await start(await api.create(chain()));
      await ended(done.id, 'retry', { from: 'second' });
      expect(calls()).toEqual(['/first', '/second', '/second', '/third', '/third']);
      sink.calls.length = 0;
      await ended(done.id, 'retry', { from: 'start' });
      expect(calls()).toEqual(['/first', '/second', '/third']);
    });

    it('runs by the latest version when that is asked for', async () => {
      broken.add('/second');
      const id = await api.create(chain());
      const failed = await start(id);
      const second = post('/mended');
      await change(
        id,
        manualGraph({ first: post('/first'), second, last: post('/last') }, [
          'start>first',
          'first>second',
          'second>last',
        ]),
      );
      expect(await ended(failed.id, 'retry', { version: 'latest' })).toMatchObject({
        workflowVersion: 2,
        status: 'succeeded',
      });
      expect(calls()).toEqual(['/first', '/last', '/mended', '/second']);
    });

    it('goes on with a loop that was stopped', async () => {
      const node = { type: 'http.request', config: { method: 'POST', url: `${sink.url}{{ item }}` } };
      const config = { items: ['/a', '/b', '/slow', '/c'], batchSize: 1, concurrency: 1, node };
      const id = await begin(await api.create(manualGraph({ each: { type: 'forEach', config } }, ['start>each'])));
      await until('it has come to the slow one', () => Promise.resolve(calls().includes('/slow') ? true : undefined));
      await api.send('POST', `/v1/executions/${id}/cancel`);
      slow.resolve();
      const again = await ended(id, 'retry', {});
      expect(again).toMatchObject({ status: 'succeeded', output: { results: [{}, {}, {}, {}], errors: [] } });
      expect(calls()).toEqual(['/a', '/b', '/c', '/slow', '/slow']);
    });

    it('is refused while it runs, where nothing failed, and from a node that is not there', async () => {
      const id = await api.create(
        manualGraph({ wait: { type: 'wait.signal', config: { name: 'go' } } }, ['start>wait']),
      );
      const running = await begin(id);
      expect(await send(running, 'retry')).toMatchObject({ status: 409, body: { code: 'EXECUTION_NOT_OVER' } });
      const done = await start(await api.create(manualGraph({ a: { type: 'noop' } }, ['start>a'])));
      expect(await send(done.id, 'retry')).toMatchObject({ status: 409, body: { code: 'NOTHING_FAILED' } });
      const unknown = { status: 422, body: { code: 'UNKNOWN_NODE', errors: [{ path: 'from' }] } };
      expect(await send(done.id, 'retry', { from: 'b' })).toMatchObject(unknown);
      expect(await send(done.id, 'retry', { from: 3 })).toMatchObject({ status: 400 });
    });
  });

  describe('a fork', () => {
    it('shares the history up to the event, and does nothing of it again', async () => {
      const done = await start(await api.create(chain()));
      const at = await eventOf(done.id, 'NodeSucceeded', 'second');
      const fork = await ended(done.id, 'fork', { at });
      expect(fork).toMatchObject({
        status: 'succeeded',
        forkedFrom: done.id,
        trigger: { type: 'fork' },
        output: done.output,
      });
      expect(calls()).toEqual(['/first', '/second', '/third', '/third']);
      const [started] = await api.events(fork.id);
      expect(started).toMatchObject({ data: { origin: { kind: 'fork', executionId: done.id, version: at } } });
    });

    it('takes other outputs: of what was done, of what was to come, and of the trigger', async () => {
      const shape = {
        type: 'set',
        config: {
          values: {
            first: '{{ nodes.first.output }}',
            second: '{{ nodes.second.output }}',
            order: '{{ trigger.body.order }}',
          },
        },
      };
      const id = await api.create(
        manualGraph({ first: post('/first'), second: post('/second'), shape }, [
          'start>first',
          'first>second',
          'second>shape',
        ]),
      );
      const done = await start(id);
      const at = await eventOf(done.id, 'NodeSucceeded', 'first');
      const overrides = { first: 'changed', second: { pinned: true }, start: { body: { order: 'B-4' } } };
      const fork = await ended(done.id, 'fork', { at, overrides });
      expect(fork.output).toEqual({ first: 'changed', second: { pinned: true }, order: 'B-4' });
      expect(calls()).toEqual(['/first', '/second']);
    });

    it('runs by another version, in which only what it has counts', async () => {
      const id = await api.create(chain());
      const done = await start(id);
      await change(id, manualGraph({ first: post('/first'), other: post('/other') }, ['start>first', 'first>other']));
      const fork = await ended(done.id, 'fork', {
        at: await eventOf(done.id, 'NodeSucceeded', 'third'),
        workflowVersion: 2,
      });
      expect(fork.nodes.map(({ nodeId }) => nodeId)).toEqual(['start', 'first', 'other']);
      expect(calls()).toEqual(['/first', '/other', '/second', '/third']);
    });

    it('leaves an execution that runs as it is, and takes along signals that nobody took', async () => {
      const nodes = {
        wait: { type: 'wait.signal', config: { name: 'go' } },
        after: { type: 'wait.signal', config: { name: 'later' } },
      };
      const id = await begin(await api.create(manualGraph(nodes, ['start>wait', 'wait>after'])));
      await api.send('POST', `/v1/executions/${id}/signals/later`, { json: 'kept' });
      const at = await eventOf(id, 'SignalReceived');
      const fork = await begun(id, 'fork', { at, overrides: { wait: null } });
      expect(await api.ended(fork)).toMatchObject({ status: 'succeeded', output: 'kept' });
      expect((await api.send('GET', `/v1/executions/${id}`)).body).toMatchObject({ status: 'waiting' });
    });

    it('keeps values that are too large for an event', async () => {
      const shape = { type: 'set', config: { values: { all: '{{ trigger.body }}' } } };
      const id = await api.create(manualGraph({ shape, send: post('/send') }, ['start>shape', 'shape>send']));
      const large = await api.ended(await begin(id, { order: 'x'.repeat(200_000) }));
      const fork = await ended(large.id, 'fork', { at: await eventOf(large.id, 'NodeSucceeded', 'shape') });
      expect(fork.nodes[1]?.output).toEqual(large.nodes[1]?.output);
    });

    it('is refused at events, versions and nodes that are not there, and to others', async () => {
      const id = await api.create(manualGraph({ a: { type: 'noop' } }, ['start>a']));
      const done = await start(id);
      expect(await send(done.id, 'fork', { at: 99 })).toMatchObject({
        status: 404,
        body: { code: 'EXECUTION_VERSION_NOT_FOUND' },
      });
      expect(await send(done.id, 'fork', { at: 1, workflowVersion: 2 })).toMatchObject({
        status: 404,
        body: { code: 'WORKFLOW_VERSION_NOT_FOUND' },
      });
      expect(await send(done.id, 'fork', { at: 1, overrides: { b: 1 } })).toMatchObject({
        status: 422,
        body: { code: 'UNKNOWN_NODE', errors: [{ path: 'overrides.b' }] },
      });
      expect(await send(done.id, 'fork', { at: 0 })).toMatchObject({ status: 400 });
      expect(await send(done.id, 'fork')).toMatchObject({ status: 400 });
      const other = { name: 'Other', nodes: [{ id: 'call', type: 'trigger.webhook', config: {} }], connections: [] };
      await change(id, other);
      expect(await send(done.id, 'fork', { at: 1, workflowVersion: 2 })).toMatchObject({
        status: 422,
        body: { code: 'NO_SUCH_TRIGGER' },
      });
      expect((await api.send('DELETE', `/v1/workflows/${id}`)).status).toBe(204);
      expect(await send(done.id, 'fork', { at: 1 })).toMatchObject({ status: 409, body: { code: 'WORKFLOW_DELETED' } });
      const stranger = await Api.register(millrace.url);
      const path = `/v1/executions/${done.id}/fork`;
      expect(await stranger.send('POST', path, { json: { at: 1 } })).toMatchObject({ status: 404 });
    });

    it('is made once for one Idempotency-Key', async () => {
      const done = await start(await api.create(manualGraph({ a: { type: 'noop' } }, ['start>a'])));
      const options = { json: { at: 1 }, headers: { 'idempotency-key': 'once' } };
      const [one, other] = [
        await api.send('POST', `/v1/executions/${done.id}/fork`, options),
        await api.send('POST', `/v1/executions/${done.id}/fork`, options),
      ];
      expect(one.body).toEqual(other.body);
    });
  });

  it('is found from both sides', async () => {
    const done = await start(await api.create(chain()));
    const fork = await begun(done.id, 'fork', { at: 1 });
    const ofFork = await begun(fork, 'fork', { at: 1 });
    await api.ended(ofFork);
    const lineage = async (
      id: string,
    ): Promise<{ ancestors: { executionId: string }[]; descendants: object[]; isCut: boolean }> =>
      (await api.send('GET', `/v1/executions/${id}/lineage`)).body as never;
    await until('the read model has them', async () =>
      (await lineage(done.id)).descendants.length === 2 ? true : undefined,
    );
    expect(await lineage(done.id)).toMatchObject({
      ancestors: [],
      descendants: [
        { executionId: fork, origin: { kind: 'fork', executionId: done.id, version: 1 } },
        { executionId: ofFork, origin: { kind: 'fork', executionId: fork, version: 1 } },
      ],
      isCut: false,
    });
    expect((await lineage(ofFork)).ancestors.map(({ executionId }) => executionId)).toEqual([fork, done.id]);
  });
});

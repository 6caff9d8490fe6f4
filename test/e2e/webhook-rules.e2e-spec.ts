import { request } from 'node:http';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { SeenCalls } from '../../src/webhooks/seen-calls.ts';
import { Api, call, type Execution, type Reply } from '../support/api.ts';
import { hookGraph } from '../support/hook-graph.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

const codeOf = ({ status, body }: Reply) => [status, (body as { code?: string }).code];
const idIn = ({ body }: Reply): string => (body as { executionId: string }).executionId;

describe('what a webhook asks of its calls', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  /** While closed, nobody who calls the sink at `/slow` is answered. */
  let gate = Promise.resolve();

  beforeAll(async () => {
    sink = await Sink.start(async ({ path }) => {
      if (path === '/slow') await gate;
      return { status: path === '/broken' ? 404 : 200 };
    });
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const post = (hook: string, json: unknown = {}, headers: Readonly<Record<string, string>> = {}) =>
    call(millrace.url, 'POST', hook, { json, headers });
  const hookOf = async (...graph: Parameters<typeof hookGraph>): Promise<string> =>
    (await api.activate(hookGraph(...graph))).hook;
  const send = (path: string) => ({
    type: 'http.request',
    config: { method: 'POST', url: `${sink.url}${path}` },
    retry: { maxAttempts: 1 },
  });

  describe('addresses', () => {
    it('that are not allowed are told so, and start nothing', async () => {
      const allowed = await hookOf({ allowIps: ['10.0.0.0/8', '127.0.0.0/8'] });
      const closed = await hookOf({ allowIps: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'] });
      expect((await post(allowed)).status).toBe(202);
      expect(codeOf(await post(closed))).toEqual([403, 'ADDRESS_NOT_ALLOWED']);
      // Without a trusted proxy nobody is believed about where a call comes from.
      expect((await post(closed, {}, { 'x-forwarded-for': '10.0.0.1' })).status).toBe(403);
    });
  });

  describe('the door', () => {
    it('is no other path than the whole URL', async () => {
      const hook = await hookOf({});
      const token = hook.split('/').at(-1) ?? '';
      for (const path of [
        `${hook}/x`,
        `${hook}/`,
        `/hooks//${token}`,
        `/hooks/x/${token}`,
        '/hooks/',
        '/hooks',
        `/HOOKS/${token}`,
      ])
        expect([path, (await post(path)).status]).toEqual([path, 404]);
    });

    it('takes no compressed bodies, whatever they are', async () => {
      const hook = await hookOf({});
      for (const encoding of ['gzip', 'deflate', 'br', 'x'])
        expect(codeOf(await post(hook, {}, { 'content-encoding': encoding }))).toEqual([415, 'UNSUPPORTED_ENCODING']);
      expect((await post(hook, {}, { 'content-encoding': 'identity' })).status).toBe(202);
    });

    it('answers HEAD where the webhook takes it', async () => {
      const hook = await hookOf({ method: ['HEAD', 'POST'] });
      const reply = await call(millrace.url, 'HEAD', hook);
      expect([reply.status, reply.text]).toEqual([202, '']);
      expect(reply.headers.get('location')).toMatch(/^\/v1\/executions\/ex_/);
    });
  });

  describe('a schema', () => {
    const schema = {
      type: 'object',
      required: ['orderId'],
      properties: { orderId: { type: 'string', pattern: '^A-' }, amount: { type: 'number', minimum: 0 } },
    };

    it('lets through what fits, and says all that does not', async () => {
      const hook = await hookOf({ schema });
      expect((await post(hook, { orderId: 'A-1', amount: 2 })).status).toBe(202);
      const refused = await post(hook, { orderId: 'B-1', amount: -2 });
      expect(codeOf(refused)).toEqual([422, 'BODY_REFUSED']);
      expect((refused.body as { errors: { path: string }[] }).errors.map(({ path }) => path).sort()).toEqual([
        'body.amount',
        'body.orderId',
      ]);
      expect(codeOf(await post(hook, []))).toEqual([422, 'BODY_REFUSED']);
    });

    it('is that of the active version', async () => {
      const { id, hook } = await api.activate(hookGraph({ schema }));
      const { headers } = await api.send('GET', `/v1/workflows/${id}`);
      const wider = hookGraph({ schema: { type: 'object' } });
      const etag = headers.get('etag') ?? '';
      expect(
        (await api.send('PUT', `/v1/workflows/${id}`, { json: wider, headers: { 'if-match': etag } })).status,
      ).toBe(200);
      expect((await post(hook, {})).status).toBe(422);
      expect((await api.send('POST', `/v1/workflows/${id}/activate`)).status).toBe(200);
      await until('the new schema counts', async () => ((await post(hook, {})).status === 202 ? true : undefined));
    });

    it('that could take for ever is refused when it is published', async () => {
      const endless = hookGraph({ schema: { allOf: [{ $ref: '#' }] } });
      const { status, body } = await api.send('POST', '/v1/workflows', { json: endless });
      expect([status, (body as { errors: { path: string }[] }).errors[0]?.path]).toEqual([
        422,
        expect.stringMatching(/^nodes\[0\]\.config\.schema/),
      ]);
    });
  });

  describe('a limit', () => {
    it('lets so many calls through in a window, and tells how many more may come', async () => {
      const hook = await hookOf({ rateLimit: { limit: 2, perMs: 3_600_000 } });
      const replies = [await post(hook), await post(hook), await post(hook)];
      expect(replies.map((reply) => reply.status)).toEqual([202, 202, 429]);
      expect(replies.map(({ headers }) => headers.get('ratelimit'))).toEqual([
        expect.stringMatching(/^"webhook";r=1;t=\d+$/),
        expect.stringMatching(/^"webhook";r=0;t=\d+$/),
        expect.stringMatching(/^"webhook";r=0;t=\d+$/),
      ]);
      expect(replies[2]?.headers.get('ratelimit-policy')).toBe('"webhook";q=2;w=3600');
      expect(Number(replies[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(replies[2]?.body).toMatchObject({ code: 'TOO_MANY_CALLS' });
    });
  });

  describe('a call that came before', () => {
    const dedupe = { key: '{{ trigger.headers["x-delivery"] }}', windowMs: 60_000 };
    const delivery = (id: string) => ({ 'x-delivery': id });

    it('is told so, and which execution it started', async () => {
      const hook = await hookOf({ dedupe });
      const first = await post(hook, { n: 1 }, delivery('a'));
      const again = await post(hook, { n: 2 }, delivery('a'));
      expect(first.status).toBe(202);
      expect(codeOf(again)).toEqual([409, 'DUPLICATE_CALL']);
      expect((again.body as { detail: string }).detail).toContain(idIn(first));
      expect((await post(hook, {}, delivery('b'))).status).toBe(202);
    });

    it('is accepted once more, where its sender would take anything else for a failure', async () => {
      const { id, hook } = await api.activate(hookGraph({ dedupe: { ...dedupe, onDuplicate: 'accept' } }));
      const first = await post(hook, { n: 1 }, delivery('a'));
      const again = await post(hook, { n: 1 }, delivery('a'));
      expect([again.status, idIn(again)]).toEqual([202, idIn(first)]);
      expect((await api.events(idIn(first))).filter(({ type }) => type === 'ExecutionStarted')).toHaveLength(1);
      const { body } = await api.send('GET', `/v1/workflows/${id}/webhooks`);
      const webhookId = (body as { items: { id: string }[] }).items[0]?.id ?? '';
      const told = await until('it is in the ledger', async () => {
        const page = await api.send('GET', `/v1/webhooks/${webhookId}/deliveries?outcome=answered`);
        return (page.body as { items: object[] }).items[0];
      });
      expect(told).toMatchObject({ status: 202, reason: null, calls: 1 });
    });

    it('leaves its id to the next when its process died before the log had it', async () => {
      const { id, hook } = await api.activate(hookGraph({ dedupe }));
      const { body } = await api.send('GET', `/v1/workflows/${id}/webhooks`);
      const webhookId = (body as { items: { id: string }[] }).items[0]?.id ?? '';
      await using connection = await JetStreamConnection.open({ servers: [millrace.nats.url], name: 'who dies' });
      await using publisher = new JetStreamPublisher(connection);
      const claimed = 'ex_01m8h5mnzyg9y1vn0pf0w7n69a2w135ycgk3';
      await (await SeenCalls.open(connection, publisher, 1)).claim({ webhookId, key: 'a' }, claimed, dedupe.windowMs);
      const next = await post(hook, {}, delivery('a'));
      expect([next.status, idIn(next)]).toEqual([202, claimed]);
      expect(codeOf(await post(hook, {}, delivery('a')))).toEqual([409, 'DUPLICATE_CALL']);
    });

    it('starts one execution, however many come at once', async () => {
      const hook = await hookOf({ dedupe: { key: '{{ trigger.body.id }}', windowMs: 60_000 } });
      const replies = await Promise.all(Array.from({ length: 50 }, () => post(hook, { id: 7 })));
      expect(replies.filter(({ status }) => status === 202)).toHaveLength(1);
      expect(replies.filter(({ status }) => status !== 202).map(codeOf)).toEqual(
        Array.from({ length: 49 }, () => [409, 'DUPLICATE_CALL']),
      );
    });

    it('counts for its own webhook, and is new when its window is over', async () => {
      const hook = await hookOf({ dedupe: { ...dedupe, windowMs: 1_000 } });
      const other = await hookOf({ dedupe });
      expect((await post(hook, {}, delivery('c'))).status).toBe(202);
      expect((await post(other, {}, delivery('c'))).status).toBe(202);
      expect((await post(hook, {}, delivery('c'))).status).toBe(409);
      await until('the window is over', async () =>
        (await post(hook, {}, delivery('c'))).status === 202 ? true : undefined,
      );
    });

    it('is refused when nothing tells it from others', async () => {
      const hook = await hookOf({ dedupe: { key: '{{ trigger.body.id }}', windowMs: 60_000 } });
      expect(codeOf(await post(hook, {}))).toEqual([422, 'NO_DEDUPE_KEY']);
      expect((await post(hook, { id: null })).status).toBe(202);
      expect((await post(hook, { id: null })).status).toBe(202);
    });
  });

  describe('an answer with the result', () => {
    const result = { respond: { mode: 'result', timeoutMs: 20_000 } };
    const shape = { type: 'set', config: { values: { got: '{{ trigger.body }}' } } };

    it('is the output, when the execution is over', async () => {
      const hook = await hookOf(result, { send: send('/fast'), shape }, ['hook>send', 'send>shape']);
      const reply = await post(hook, { a: 1 });
      expect([reply.status, reply.body]).toEqual([200, { got: { a: 1 } }]);
      expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
    });

    it('says that the execution failed, and not why', async () => {
      const hook = await hookOf(result, { send: send('/broken') }, ['hook>send']);
      const reply = await post(hook);
      expect(codeOf(reply)).toEqual([502, 'EXECUTION_FAILED']);
      expect(reply.text).not.toMatch(/HTTP_STATUS|404|broken/);
    });

    it('is where to look, when it takes too long; the execution goes on', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      const hook = await hookOf({ respond: { mode: 'result', timeoutMs: 200 } }, { send: send('/slow') }, [
        'hook>send',
      ]);
      const reply = await post(hook);
      expect(reply).toMatchObject({ status: 202, body: { status: 'running' } });
      expect(reply.headers.get('location')).toBe(`/v1/executions/${idIn(reply)}`);
      resolve();
      expect(await api.ended(idIn(reply))).toMatchObject({ status: 'succeeded' });
    });

    it('costs nothing when its caller goes away; the execution goes on', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      const hook = await hookOf(result, { send: send('/slow') }, ['hook>send']);
      const before = (await api.executions()).length;
      const gone = request(`${millrace.url}${hook}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
      gone.on('error', () => undefined).end('{}');
      const calls = sink.calls.length;
      await until('the work is under way', async () => sink.calls[calls]);
      gone.destroy();
      resolve();
      await until('it is over', async () => {
        const all = await api.executions();
        return all.length > before && all[0]?.status === 'succeeded' ? true : undefined;
      });
      expect(millrace.log).toEqual([]);
    });
  });

  describe('an answer by a node', () => {
    const node = { respond: { mode: 'node', timeoutMs: 20_000 } };
    const respond = (config: object) => ({ type: 'respond', config });

    it('is what the node says, at once, while the execution goes on', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      const say = respond({ status: 201, headers: { 'X-Order': '{{ trigger.body.id }}' }, body: { ok: true } });
      const graph = hookGraph(node, { say, send: send('/slow') }, ['hook>say', 'say>send']);
      const { id, hook } = await api.activate(graph);
      const reply = await post(hook, { id: 'o-1' });
      expect([reply.status, reply.body, reply.headers.get('x-order')]).toEqual([201, { ok: true }, 'o-1']);
      const execution = await until('it is listed', async () => {
        const { body } = await api.send('GET', `/v1/executions?workflowId=${id}`);
        return (body as { items: Execution[] }).items[0];
      });
      expect(['queued', 'running']).toContain(execution.status);
      resolve();
      expect(await api.ended(execution.id)).toMatchObject({ status: 'succeeded' });
    });

    it.each<[object, number, string, string | null]>([
      [{ body: 'hello' }, 200, 'hello', 'text/plain; charset=utf-8'],
      [{ status: 204 }, 204, '', null],
      [{ body: '<Response/>', headers: { 'content-type': 'application/xml' } }, 200, '<Response/>', 'application/xml'],
    ])('has the body as it is: %j', async (config, status, text, contentType) => {
      const hook = await hookOf(node, { say: respond(config) }, ['hook>say']);
      const reply = await post(hook);
      expect([reply.status, reply.text, reply.headers.get('content-type')]).toEqual([status, text, contentType]);
    });

    it('is the output when no such node was reached', async () => {
      const shape = { type: 'set', config: { values: { said: false } } };
      const hook = await hookOf(node, { shape, say: respond({ body: 'said' }) }, ['hook>shape']);
      const reply = await post(hook);
      expect([reply.status, reply.body]).toEqual([200, { said: false }]);
    });
  });
});

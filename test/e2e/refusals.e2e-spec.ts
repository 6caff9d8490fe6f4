import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { AUDIT_STREAM } from '#libs/audit-log';
import { DELIVERY_STREAM } from '#libs/webhook-deliveries';
import { Api, call, type Reply } from '../support/api.ts';
import { bigOrders, manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';

const noop = { type: 'noop' };
/** What each refusal says, besides what kind it is. */
const problem = { title: expect.any(String) as string, detail: expect.any(String) as string };

describe('bad input', () => {
  let server: LocalMillrace;
  let api: Api;
  let hook: string;
  let workflowId: string;

  beforeAll(async () => {
    server = await startMillrace({ allowPrivateNetwork: false });
    api = await Api.register(server.url);
    ({ id: workflowId, hook } = await api.activate(bigOrders('http://127.0.0.1:1')));
  }, 60_000);

  afterAll(async () => {
    expect(await api.executions()).toEqual([]);
    const { body } = await api.send('GET', '/v1/workflows');
    expect((body as { items: { id: string }[] }).items.map((one) => one.id)).toEqual([workflowId]);
    await server[Symbol.asyncDispose]();
  });

  describe('stores nothing:', () => {
    let storedBefore: Readonly<Record<string, number>>;

    beforeEach(async () => {
      storedBefore = await storedIn(server);
    });

    afterEach(async () => {
      expect(await storedIn(server)).toEqual(storedBefore);
    });

    it.each<[string, object, string, RegExp]>([
      [
        'an unknown node type',
        manualGraph({ a: { type: 'htp.request' } }, ['start>a']),
        'nodes[1].type',
        /http\.request/,
      ],
      ['a cycle', manualGraph({ a: noop, b: noop }, ['start>a', 'a>b', 'b>a']), 'connections', /a.*b/],
      ['a dangling connection', manualGraph({ a: noop }, ['start>a', 'a>b']), 'connections[1].to', /b/],
      [
        'a duplicate id',
        {
          name: 'x',
          nodes: [
            { id: 'start', type: 'trigger.manual' },
            { id: 'start', type: 'noop' },
          ],
          connections: [],
        },
        'nodes[1].id',
        /start/,
      ],
      [
        'an expression that does not parse',
        manualGraph({ a: { type: 'set', config: { values: { x: '{{ 1 + }}' } } } }, ['start>a']),
        'nodes[1].config.values.x',
        /at offset 7/,
      ],
      ['a wrong type', { name: 1, nodes: 'none', connections: [] }, 'name', /./],
      ['an unknown field', { ...manualGraph({ a: noop }, ['start>a']), colour: 'red' }, 'colour', /./],
      [
        'a config against its schema',
        manualGraph({ a: { type: 'http.request', config: { method: 'GET' } } }, ['start>a']),
        'nodes[1].config.url',
        /./,
      ],
    ])('%s is refused with its path', async (_name, definition, path, message) => {
      const { status, headers, body } = await api.send('POST', '/v1/workflows', { json: definition });
      expect(status).toBe(422);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body).toMatchObject({ ...problem, status: 422, code: 'INVALID_WORKFLOW' });
      const { errors } = body as { errors: { path: string; message: string }[] };
      expect(errors.find((one) => one.path.startsWith(path))?.message).toMatch(message);
    });

    it.each<[string, number, string, () => Promise<Reply>]>([
      ['malformed JSON', 400, 'MALFORMED_JSON', () => api.send('POST', '/v1/workflows', { text: '{"name":' })],
      ['malformed JSON at a webhook', 400, 'MALFORMED_JSON', () => call(server.url, 'POST', hook, { text: '{' })],
      [
        'JSON that is too deep',
        400,
        'JSON_TOO_DEEP',
        () => call(server.url, 'POST', hook, { text: '['.repeat(70) + ']'.repeat(70) }),
      ],
      [
        'an unknown webhook',
        404,
        'WEBHOOK_NOT_FOUND',
        () => call(server.url, 'POST', '/hooks/nothing-here', { json: {} }),
      ],
      [
        'a body over the limit',
        413,
        'BODY_TOO_LARGE',
        () => call(server.url, 'POST', hook, { text: `"${'x'.repeat(1024 * 1024)}"` }),
      ],
      ['an unknown route', 404, 'ROUTE_NOT_FOUND', () => call(server.url, 'GET', '/v1/nothing')],
      ['no token', 401, 'UNAUTHENTICATED', () => call(server.url, 'GET', '/v1/workflows')],
      ['an execution that is not there', 404, 'EXECUTION_NOT_FOUND', () => api.send('GET', '/v1/executions/ex_none')],
      ['a limit out of range', 400, 'INVALID_REQUEST', () => api.send('GET', '/v1/executions?limit=0')],
      ['a cursor of somebody else', 400, 'INVALID_CURSOR', () => api.send('GET', '/v1/executions?cursor=abc')],
      [
        'a change of another version than the last',
        412,
        'WORKFLOW_CHANGED',
        () =>
          api.send('PUT', `/v1/workflows/${workflowId}`, {
            json: bigOrders('http://127.0.0.1:2'),
            headers: { 'if-match': '"7"' },
          }),
      ],
      [
        'a change without If-Match',
        428,
        'IF_MATCH_REQUIRED',
        () => api.send('PUT', `/v1/workflows/${workflowId}`, { json: {} }),
      ],
      [
        'another type than JSON',
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        () => api.send('POST', '/v1/workflows', { text: 'name: x', headers: { 'content-type': 'text/yaml' } }),
      ],
      [
        'a wrong type in a start by hand',
        400,
        'INVALID_REQUEST',
        () => api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { version: 'latest' } }),
      ],
      [
        'a version that is not there',
        404,
        'WORKFLOW_VERSION_NOT_FOUND',
        () => api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { version: 2 } }),
      ],
      [
        'a password that is too short',
        400,
        'INVALID_REQUEST',
        () => call(server.url, 'POST', '/v1/auth/register', { json: { email: 'a@example.com', password: 'short' } }),
      ],
    ])('%s is answered %i %s', async (_name, status, code, send) => {
      const reply = await send();
      expect(reply.status).toBe(status);
      expect(reply.headers.get('content-type')).toContain('application/problem+json');
      expect(reply.body).toMatchObject({ ...problem, status, code, type: `urn:millrace:problem:${code}` });
    });

    it.each<[string, string, string]>([
      ['a webhook', 'PUT', 'POST'],
      ['a route', 'PATCH', 'GET, HEAD, POST'],
    ])('the wrong method at %s is answered 405 with those that it takes', async (what, method, allow) => {
      const reply = await api.send(method, what === 'a webhook' ? hook : '/v1/workflows', { json: {} });
      expect(reply).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
      expect(reply.headers.get('allow')).toBe(allow);
    });

    it.each<[string, string, string]>([
      ['a field of a body', '/v1/workflows/:id/executions', 'inputs'],
      ['a part of a query', '/v1/executions?colour=red', 'colour'],
    ])('%s that nobody knows is refused by its name', async (_what, path, name) => {
      const reply = path.includes('?')
        ? await api.send('GET', path)
        : await api.send('POST', path.replace(':id', workflowId), { json: { inputs: {} } });
      expect(reply).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', errors: [{ path: name }] } });
    });
  });

  it('an HTTP node reaches no private network unless that is allowed', async () => {
    const stranger = await Api.register(server.url);
    const config = { method: 'GET', url: `${server.url}/health/live` };
    const id = await stranger.create(manualGraph({ a: { type: 'http.request', config } }, ['start>a']));
    const headers = { prefer: 'wait=20' };
    expect((await stranger.send('POST', `/v1/workflows/${id}/executions`, { headers })).body).toMatchObject({
      status: 'failed',
      error: { code: 'NETWORK_NOT_ALLOWED', attempt: 1 },
    });
  });
});

/** The last sequence of every stream: whatever was stored, and taken away again, shows. */
async function storedIn({ nats }: LocalMillrace): Promise<Record<string, number>> {
  const client = await connect({ servers: nats.url });
  try {
    const { streams } = await jetstreamManager(client);
    const stored: Record<string, number> = {};
    for await (const { config, state } of streams.list()) stored[config.name] = state.last_seq;
    // That a webhook refused a call is in its ledger; deliveries.e2e-spec tells what is not.
    delete stored[DELIVERY_STREAM];
    // Leaders take and renew theirs meanwhile.
    delete stored.KV_leases;
    // That somebody tried, and was refused, is in the audit.
    delete stored[AUDIT_STREAM];
    return stored;
  } finally {
    await client.close();
  }
}

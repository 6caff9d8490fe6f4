import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api, call } from '../support/api.ts';
import { bigOrders, manualGraph } from '../support/big-orders.ts';
import { MillraceProcess } from '../support/millrace-process.ts';

const noop = { type: 'noop' };

describe('bad input', () => {
  let dataDir: string;
  let server: MillraceProcess;
  let api: Api;
  let hook: string;
  let workflowId: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
    server = await MillraceProcess.start({ MILLRACE_DATA_DIR: dataDir });
    api = await Api.register(server.url);
    ({ id: workflowId, hook } = await api.activate(bigOrders('http://127.0.0.1:1')));
  }, 60_000);

  afterAll(async () => {
    // Nothing of what was refused may have been stored.
    expect(await api.executions()).toEqual([]);
    const { body } = await api.send('GET', '/v1/workflows');
    expect((body as { items: { id: string }[] }).items.map((one) => one.id)).toEqual([workflowId]);
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
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
      /./,
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
    expect(body).toMatchObject({ status: 422, code: 'INVALID_WORKFLOW', title: expect.any(String) as string });
    const problems = (body as { errors: { path: string; message: string }[] }).errors;
    const problem = problems.find((one) => one.path.startsWith(path));
    expect(problem?.message).toMatch(message);
  });

  it.each<[string, number, string, () => Promise<{ status: number; body: unknown; headers: Headers }>]>([
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
    ['a wrong method', 405, 'METHOD_NOT_ALLOWED', () => call(server.url, 'PUT', hook, { json: {} })],
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
      'a change without If-Match',
      428,
      'IF_MATCH_REQUIRED',
      () => api.send('PUT', `/v1/workflows/${workflowId}`, { json: {} }),
    ],
  ])('%s is answered %i %s', async (_name, status, code, send) => {
    const reply = await send();
    expect(reply.body).toMatchObject({ status, code });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    if (status === 405) expect(reply.headers.get('allow')).toBe('POST');
  });

  it("another workspace's objects are not there", async () => {
    const stranger = await Api.register(server.url);
    for (const path of ['', '/webhooks']) {
      expect((await stranger.send('GET', `/v1/workflows/${workflowId}${path}`)).status).toBe(404);
    }
    for (const action of ['activate', 'deactivate', 'executions']) {
      expect((await stranger.send('POST', `/v1/workflows/${workflowId}/${action}`, { json: {} })).status).toBe(404);
    }
    const change = { json: bigOrders('http://127.0.0.1:1'), headers: { 'if-match': '"1"' } };
    expect((await stranger.send('PUT', `/v1/workflows/${workflowId}`, change)).status).toBe(404);
    expect(await stranger.executions()).toEqual([]);
  });

  it('a stale change is refused, a fresh one keeps the URL', async () => {
    const url = `/v1/workflows/${workflowId}`;
    const json = bigOrders('http://127.0.0.1:2');
    expect((await api.send('PUT', url, { json, headers: { 'if-match': '"7"' } })).status).toBe(412);
    const reply = await api.send('PUT', url, { json, headers: { 'if-match': '"1"' } });
    expect(reply).toMatchObject({ status: 200, body: { version: 2 } });
    expect(reply.headers.get('etag')).toBe('"2"');
    const { body } = await api.send('GET', `${url}/webhooks`);
    expect((body as { items: { url: string }[] }).items[0]?.url).toContain(hook);
  });
});

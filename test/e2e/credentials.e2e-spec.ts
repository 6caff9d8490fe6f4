import { Client } from 'pg';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { everythingStored } from '../support/everything-stored.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';

const USER = 'canary-user@example.com';
const PASSWORD = 'canary/p&ss "wörd" 1';
const FORMS = [
  PASSWORD,
  JSON.stringify(PASSWORD).slice(1, -1),
  encodeURIComponent(PASSWORD),
  Buffer.from(`${USER}:${PASSWORD}`).toString('base64'),
  Buffer.from(PASSWORD).toString('base64'),
  USER,
];

describe('credentials', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let there: TestServer;
  let elsewhere: TestServer;

  beforeAll(async () => {
    // Whatever is asked for, the answer holds the headers of the request.
    const echo = (contentType: string, status = 200) => ({ contentType, status });
    const answers: Readonly<Record<string, { contentType: string; status: number }>> = {
      '/json': echo('application/json'),
      '/text': echo('text/plain'),
      '/binary': echo('application/octet-stream'),
      '/fails': echo('text/plain', 500),
      '/refuses': echo('application/json', 401),
    };
    elsewhere = await startServer((request, response) => response.end(JSON.stringify(request.headers)));
    there = await startServer((request, response) => {
      const { contentType, status } = answers[request.url ?? ''] ?? echo('text/plain', 307);
      const location = status === 307 ? { location: `${elsewhere.url}/` } : {};
      const known = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
      response
        .writeHead(status, { 'content-type': contentType, 'x-seen': request.headers.authorization ?? '', ...location })
        .end(
          JSON.stringify({ headers: request.headers, known, [known.split(':')[1] ?? '']: encodeURIComponent(known) }),
        );
    });
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  beforeEach(() => {
    for (const { requests } of [there, elsewhere]) (requests as unknown[]).length = 0;
  });
  afterAll(async () => {
    await there[Symbol.asyncDispose]();
    await elsewhere[Symbol.asyncDispose]();
    await millrace[Symbol.asyncDispose]();
  });

  const store = async (body: object, as = api): Promise<string> => {
    const reply = await as.send('POST', '/v1/credentials', { json: { name: 'There', ...body } });
    expect(reply).toMatchObject({ status: 201 });
    return (reply.body as { id: string }).id;
  };
  const basic = (more: object = {}): Promise<string> =>
    store({ type: 'http.basic', data: { username: USER, password: PASSWORD }, ...more });
  const graph = (path: string, credentialId: string, extra: object = {}): object =>
    manualGraph(
      { a: { type: 'http.request', config: { method: 'GET', url: `${there.url}${path}`, credentialId }, ...extra } },
      ['start>a'],
    );
  const start = async (id: string): Promise<Execution> => {
    const reply = await api.send('POST', `/v1/workflows/${id}/executions`, {
      json: {},
      headers: { prefer: 'wait=20' },
    });
    expect(reply.status).toBe(200);
    return reply.body as Execution;
  };
  const run = async (definition: object): Promise<Execution> => start(await api.create(definition));
  const expectNoTrace = async (): Promise<void> => {
    const stored = await everythingStored({ natsUrl: millrace.nats.url, databaseUrl: millrace.databaseUrl });
    expect(stored).toContain('[redacted]');
    for (const form of FORMS) expect(`${stored}\n${millrace.log.join('\n')}`).not.toContain(form);
  };

  it('reach the server that is called, and nothing that is recorded of its answers', async () => {
    const id = await basic();
    for (const path of ['/json', '/text', '/binary']) {
      const execution = await run(graph(path, id));
      expect(execution.status).toBe('succeeded');
      for (const form of FORMS) expect(JSON.stringify(execution)).not.toContain(form);
      expect(execution.output).toMatchObject({ headers: { 'x-seen': 'Basic [redacted]' } });
    }
    const sent = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
    expect(there.requests.map(({ headers }) => headers.authorization)).toEqual([sent, sent, sent]);
    await expectNoTrace();
  });

  it('are in no error either, of an attempt that is tried again or of the last', async () => {
    const id = await basic();
    const retry = { maxAttempts: 2, backoff: 'fixed', initialMs: 10, jitter: false };
    const failed = await run(graph('/fails', id, { retry }));
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'HTTP_STATUS' }, nodes: [{}, { attempts: 2 }] });
    const handled = await run(graph('/refuses', id, { onError: 'continue' }));
    expect(handled).toMatchObject({ status: 'succeeded', output: { error: { code: 'HTTP_STATUS' } } });
    await expectNoTrace();
  });

  it('stay behind on a redirect to another origin', async () => {
    const execution = await run(graph('/away', await basic({ allowedHosts: ['127.0.0.1'] })));
    expect(execution).toMatchObject({ status: 'succeeded', output: { status: 200 } });
    expect(there.requests[0]?.headers).toHaveProperty('authorization');
    expect(elsewhere.requests).toHaveLength(1);
    expect(elsewhere.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('do not go to hosts that they are not bound to', async () => {
    const execution = await run(graph('/json', await basic({ allowedHosts: ['*.example.com'] })));
    expect(execution).toMatchObject({ status: 'failed', error: { code: 'CREDENTIAL_HOST_NOT_ALLOWED', attempt: 1 } });
    expect(there.requests).toHaveLength(0);
  });

  it('are those of the workspace: another’s can not be named', async () => {
    const stranger = await Api.register(millrace.url);
    const theirs = await store({ type: 'http.bearer', data: { token: 'canary-theirs' } }, stranger);
    expect(await api.send('POST', '/v1/workflows', { json: graph('/json', theirs) })).toMatchObject({
      status: 422,
      body: { code: 'INVALID_WORKFLOW', errors: [{ path: 'nodes[1].config.credentialId' }] },
    });
  });

  it('are those of the workspace also when a node runs, whatever was accepted once', async () => {
    const stranger = await Api.register(millrace.url);
    const theirs = await store({ type: 'http.bearer', data: { token: 'canary-theirs' } }, stranger);
    const id = await store({ type: 'http.bearer', data: { token: 'canary-ours' } });
    const workflow = await api.create(graph('/json', id));
    const client = new Client({ connectionString: millrace.databaseUrl });
    await client.connect();
    await client.query(
      'update credentials set workspace_id = (select workspace_id from credentials where id = $2) where id = $1',
      [id, theirs],
    );
    await client.end();
    expect(await start(workflow)).toMatchObject({
      status: 'failed',
      error: { code: 'CREDENTIAL_NOT_FOUND', attempt: 1 },
    });
    expect(there.requests).toHaveLength(0);
  });

  it('must be of a type that the node takes', async () => {
    const id = await store({ type: 'webhook.secret', data: { secret: 'canary-hook' } });
    expect(await run(graph('/json', id))).toMatchObject({ status: 'failed', error: { code: 'CREDENTIAL_WRONG_TYPE' } });
    expect(there.requests).toHaveLength(0);
  });

  it('are looked up when a node runs: a change is seen by the next attempt', async () => {
    const id = await store({ type: 'http.bearer', data: { token: 'canary-one' } });
    await run(graph('/json', id));
    await api.send('PATCH', `/v1/credentials/${id}`, { json: { data: { token: 'canary-two' } } });
    await run(graph('/json', id));
    const sent = there.requests.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(['Bearer canary-one', 'Bearer canary-two']);
  });

  it('are not deleted under an active workflow; afterwards they are, and a run says that they are gone', async () => {
    const id = await basic();
    const workflow = await api.create(graph('/json', id));
    expect((await api.send('POST', `/v1/workflows/${workflow}/activate`)).status).toBe(200);
    const refused = await api.send('DELETE', `/v1/credentials/${id}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'CREDENTIAL_IN_USE', errors: [{ path: workflow }] } });
    expect((await api.send('POST', `/v1/workflows/${workflow}/deactivate`)).status).toBe(200);
    expect((await api.send('DELETE', `/v1/credentials/${id}`)).status).toBe(204);
    expect(await start(workflow)).toMatchObject({ status: 'failed', error: { code: 'CREDENTIAL_NOT_FOUND' } });
  });

  it('are named by a literal id', async () => {
    const reply = await api.send('POST', '/v1/workflows', { json: graph('/json', '{{ trigger.body.id }}') });
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'nodes[1].config.credentialId' }] } });
  });
});

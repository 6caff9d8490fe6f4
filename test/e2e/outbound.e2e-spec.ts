import { createHash } from 'node:crypto';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';

const PICTURE = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));

describe('an installation behind its wall, with lists', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let there: TestServer;

  beforeAll(async () => {
    there = await startServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
      if (pathname === '/picture.png') {
        response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURE);
      } else if (pathname === '/away') {
        response.writeHead(302, { location: `${millrace.url}/health/live` }).end();
      } else {
        const after = Number(searchParams.get('after') ?? 0);
        const page = { data: [after, after + 1], meta: { next: after < 4 ? after + 2 : null } };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page));
      }
    });
    const allow = `127.0.0.1:${new URL(there.url).port}`;
    const outbound = { allow, deny: 'denied.example,*.denied.example' };
    millrace = await startMillrace({ allowPrivateNetwork: false, outbound });
    api = await Api.register(millrace.url);
  }, 60_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  const request = (config: object): object => ({ type: 'http.request', config: { method: 'GET', ...config } });
  const run = async (nodes: Readonly<Record<string, object>>, connections: readonly string[]): Promise<Execution> => {
    const id = await api.create(manualGraph(nodes, connections));
    const headers = { prefer: 'wait=20' };
    const { status, body } = await api.send('POST', `/v1/workflows/${id}/executions`, { headers });
    expect(status).toBe(200);
    return body as Execution;
  };

  it('reaches what it allows', async () => {
    const paging = { kind: 'cursor', cursor: 'meta.next', param: 'after', items: 'data' };
    expect(await run({ a: request({ url: there.url, paging }) }, ['start>a'])).toMatchObject({
      status: 'succeeded',
      output: { pages: 3, complete: true, items: [0, 1, 2, 3, 4, 5] },
    });
  });

  it('reaches nothing else that is private, also where a redirect leads there', async () => {
    for (const url of [`${millrace.url}/health/live`, `${there.url}/away`]) {
      expect(await run({ a: request({ url }) }, ['start>a'])).toMatchObject({
        status: 'failed',
        error: { code: 'NETWORK_NOT_ALLOWED', attempt: 1 },
      });
    }
  });

  it('tells the rule that denies a destination, and tries once', async () => {
    const retry = { maxAttempts: 5, backoff: 'fixed', initialMs: 10, jitter: false };
    const a = { ...request({ url: 'https://api.denied.example/' }), retry };
    expect(await run({ a }, ['start>a'])).toMatchObject({
      status: 'failed',
      error: {
        code: 'DESTINATION_DENIED',
        attempt: 1,
        message: expect.stringContaining('"*.denied.example" of MILLRACE_OUTBOUND_DENY') as string,
      },
    });
  });

  it('takes a file from one server to another, alone and in a form', async () => {
    const nodes = {
      get: request({ url: `${there.url}/picture.png`, response: 'file' }),
      put: request({ method: 'PUT', url: `${there.url}/put`, file: '{{ nodes.get.output.body.file }}' }),
      form: request({
        method: 'POST',
        url: `${there.url}/form`,
        multipart: [
          { name: 'digest', value: '{{ nodes.get.output.body.file.sha256 }}' },
          {
            name: 'picture',
            filename: '{{ nodes.get.output.body.file.name }}',
            mediaType: '{{ nodes.get.output.body.file.mediaType }}',
            contentBase64: '{{ nodes.get.output.body.file.contentBase64 }}',
          },
        ],
      }),
    };
    expect(await run(nodes, ['start>get', 'get>put', 'put>form'])).toMatchObject({ status: 'succeeded' });
    const [put, form] = there.requests.slice(-2);
    expect(put?.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '300000' });
    expect(form?.body).toContain(`name="digest"\r\n\r\n${createHash('sha256').update(PICTURE).digest('hex')}\r\n`);
    expect(form?.body).toContain('name="picture"; filename="picture.png"\r\nContent-Type: image/png\r\n\r\n');
  });
});

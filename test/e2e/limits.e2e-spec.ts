import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Api, call, type Execution, type Reply } from '../support/api.ts';
import { bigOrders, manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** An order of exactly so many bytes of JSON. */
function orderOf(bytes: number, amount = 500): string {
  const [before, after] = [`{"amount":${amount},"orderId":"`, '"}'];
  return `${before}${'x'.repeat(bytes - before.length - after.length)}${after}`;
}

describe('at and just over the limits', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  let hook: string;

  beforeAll(async () => {
    const sizes = (path: string): number => Number(/^\/bytes\/(\d+)$/.exec(path)?.[1] ?? 0);
    const answer = ({ path }: { path: string }) => ({ status: 200, body: JSON.stringify('y'.repeat(sizes(path))) });
    [millrace, sink] = await Promise.all([startMillrace(), Sink.start(answer)]);
    api = await Api.register(millrace.url);
    ({ hook } = await api.activate(bigOrders(sink.url)));
  }, 60_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const run = async (definition: object, input: unknown = null): Promise<Execution> => {
    const id = await api.create(definition);
    const options = { json: { input }, headers: { prefer: 'wait=30' } };
    const { status, body } = await api.send('POST', `/v1/workflows/${id}/executions`, options);
    expect(status).toBe(200);
    return body as Execution;
  };

  it('a webhook takes a body of 1 MiB, and gives it back whole', async () => {
    const text = orderOf(MIB, 50);
    const { status, body } = await call(millrace.url, 'POST', hook, { text });
    expect(status).toBe(202);
    const execution = await api.ended((body as { executionId: string }).executionId);
    expect(execution).toMatchObject({ status: 'succeeded', input: { body: JSON.parse(text) as object } });
  });

  it('a large order arrives whole at the other end', async () => {
    const text = orderOf(400 * KIB);
    const { body } = await call(millrace.url, 'POST', hook, { text });
    const execution = await api.ended((body as { executionId: string }).executionId);
    expect(execution.status).toBe('succeeded');
    const { orderId } = JSON.parse(text) as { orderId: string };
    const received = sink.calls.find((one) => one.path === '/big')?.body ?? '';
    expect(JSON.parse(received)).toEqual({ id: orderId, text: `Order ${orderId} is big` });
  });

  it.each(['announced', 'not announced'])('and refuses one of a byte more, %s', async (how) => {
    const before = (await api.executions()).length;
    const body = orderOf(MIB + 1);
    const reply =
      how === 'announced'
        ? await call(millrace.url, 'POST', hook, { text: body })
        : await sendInChunks(`${millrace.url}${hook}`, body);
    expect(reply).toMatchObject({ status: 413, body: { status: 413, code: 'BODY_TOO_LARGE' } });
    expect(await api.executions()).toHaveLength(before);
  });

  it('a webhook may take less', async () => {
    const definition = bigOrders(sink.url) as { nodes: { id: string; config: object }[] };
    const nodes = definition.nodes.map((node) =>
      node.id === 'order' ? { ...node, config: { maxBodyBytes: 1000 } } : node,
    );
    const small = await api.activate({ ...definition, nodes });
    expect((await call(millrace.url, 'POST', small.hook, { text: orderOf(1000) })).status).toBe(202);
    expect((await call(millrace.url, 'POST', small.hook, { text: orderOf(1001) })).status).toBe(413);
  });

  it.each([64 * KIB - 13, 64 * KIB - 12, 64 * KIB + 1, MIB - 100])(
    'an output with a text of %i bytes comes back whole, in the API, in events and in expressions',
    async (bytes) => {
      const graph = manualGraph(
        {
          get: { type: 'http.request', config: { method: 'GET', url: `${sink.url}/bytes/${bytes}` } },
          keep: { type: 'set', config: { values: { text: '{{ nodes.get.output.body }}' } } },
          size: { type: 'set', config: { values: { size: '{{ nodes.keep.output.text.size() }}' } } },
        },
        ['start>get', 'get>keep', 'keep>size'],
      );
      const execution = await run(graph);
      expect(execution).toMatchObject({ status: 'succeeded', output: { size: bytes } });
      const whole = { text: 'y'.repeat(bytes) };
      expect(execution.nodes.find((node) => node.nodeId === 'keep')?.output).toEqual(whole);
      const events = await api.events(execution.id);
      expect(events.find((event) => event.data.nodeId === 'keep')?.data.output).toEqual(whole);
      const listed = await until('the list shows it', async () =>
        (await api.executions()).find((one) => one.id === execution.id && one.status === 'succeeded'),
      );
      expect(listed.nodes.find((node) => node.nodeId === 'keep')?.output).toEqual(whole);
    },
  );

  it('a response of several MiB comes back whole, and is more than an expression may copy', async () => {
    const get = { type: 'http.request', config: { method: 'GET', url: `${sink.url}/bytes/${3 * MIB}` } };
    const execution = await run(
      manualGraph({ get, fine: { type: 'set', config: { values: { status: '{{ nodes.get.output.status }}' } } } }, [
        'start>get',
        'get>fine',
      ]),
    );
    expect(execution).toMatchObject({ status: 'succeeded', output: { status: 200 } });
    expect(execution.nodes[1]?.output).toMatchObject({ body: 'y'.repeat(3 * MIB) });
    const copy = { type: 'set', config: { values: { text: '{{ nodes.get.output.body }}' } } };
    const failed = await run(manualGraph({ get, copy }, ['start>get', 'get>copy']));
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'EXPRESSION_FAILED', nodeId: 'copy' } });
  });

  it('a response of more than 10 MiB fails its node at once', async () => {
    const retry = { maxAttempts: 5, backoff: 'fixed', initialMs: 1 };
    const config = { method: 'GET', url: `${sink.url}/bytes/${10 * MIB}` };
    const execution = await run(manualGraph({ get: { type: 'http.request', config, retry } }, ['start>get']));
    expect(execution).toMatchObject({ status: 'failed', error: { code: 'HTTP_RESPONSE_TOO_LARGE', attempt: 1 } });
  });

  it('JSON nests 64 levels deep', async () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect((await call(millrace.url, 'POST', hook, { text: nested(64) })).status).toBe(202);
    expect(await call(millrace.url, 'POST', hook, { text: nested(65) })).toMatchObject({
      status: 400,
      body: { code: 'JSON_TOO_DEEP' },
    });
  });

  it('a definition may have 1 MiB', async () => {
    const sized = (bytes: number): object => {
      const values = (length: number): object =>
        manualGraph({ a: { type: 'set', config: { values: { x: 'x'.repeat(length) } } } }, ['start>a']);
      return values(bytes - JSON.stringify(values(0)).length);
    };
    expect((await api.send('POST', '/v1/workflows', { json: sized(MIB) })).status).toBe(201);
    const over = await api.send('POST', '/v1/workflows', { json: sized(MIB + 1) });
    expect(over).toMatchObject({ status: 422, body: { code: 'INVALID_WORKFLOW' } });
    const far = await api.send('POST', '/v1/workflows', { json: sized(3 * MIB) });
    expect(far).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  });
});

/** Chunked: nobody can tell from the headers how much comes. The answer may come before all of it was sent. */
async function sendInChunks(url: string, body: string): Promise<Pick<Reply, 'status' | 'body'>> {
  const { promise, resolve, reject } = Promise.withResolvers<Pick<Reply, 'status' | 'body'>>();
  const call = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
    text(response).then(
      (told) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(told) as unknown }),
      reject,
    );
  });
  call.once('error', reject);
  call.write(body.slice(0, KIB));
  call.end(body.slice(KIB));
  return promise;
}

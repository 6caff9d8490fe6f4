import { Api, type Execution, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { TestPostgres } from '../support/servers.ts';
import { Sink, type SinkAnswer } from '../support/sink.ts';
import { until } from '../support/until.ts';

describe('workspace variables', () => {
  let millrace: LocalMillrace;
  let postgres: TestPostgres;
  let sink: Sink;
  let api: Api;
  let held = Promise.withResolvers<void>();

  beforeAll(async () => {
    const answer: SinkAnswer = async ({ path }, nth) => {
      if (path.startsWith('/held')) await held.promise;
      return { status: path.startsWith('/held') && nth === 1 ? 503 : 200 };
    };
    [postgres, sink] = await Promise.all([TestPostgres.start(), Sink.start(answer)]);
    millrace = await startMillrace({ postgres });
  }, 60_000);
  beforeEach(async () => {
    held = Promise.withResolvers<void>();
    sink.calls.length = 0;
    api = await Api.register(millrace.url);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  const create = (name: string, value: unknown, as = api): Promise<Reply> =>
    as.send('POST', '/v1/variables', { json: { name, value } });
  const change = (name: string, value: unknown): Promise<Reply> =>
    api.send('PATCH', `/v1/variables/${name}`, { json: { value } });
  const shape = (values: object): object =>
    manualGraph({ shape: { type: 'set', config: { values } } }, ['start>shape']);
  const run = async (workflowId: string): Promise<Execution> => {
    const options = { json: {}, headers: { prefer: 'wait=20' } };
    return (await api.send('POST', `/v1/workflows/${workflowId}/executions`, options)).body as Execution;
  };
  const recorded = async (executionId: string): Promise<unknown> => {
    const [started] = await api.events(executionId);
    return (started?.data as { vars?: unknown }).vars;
  };

  describe('as a resource', () => {
    it('are created, read, changed and deleted, and each answer is seen by the next call', async () => {
      const value = { rate: 1.5, tags: ['a', null], deep: { __proto__x: true } };
      const created = await create('region', value);
      expect(created).toMatchObject({ status: 201, body: { name: 'region', value } });
      expect(created.headers.get('location')).toBe('/v1/variables/region');
      expect(Object.keys(created.body as object)).toEqual(['name', 'value', 'createdAt', 'updatedAt']);
      expect(await api.send('GET', '/v1/variables/region')).toMatchObject({ status: 200, body: created.body });
      expect(await change('region', null)).toMatchObject({ status: 200, body: { name: 'region', value: null } });
      expect(await api.send('GET', '/v1/variables')).toMatchObject({
        body: { items: [{ value: null }], nextCursor: null },
      });
      expect(await api.send('DELETE', '/v1/variables/region')).toMatchObject({ status: 204, text: '' });
      expect(await api.send('GET', '/v1/variables')).toMatchObject({ body: { items: [], nextCursor: null } });
    });

    it('come newest first, by pages', async () => {
      for (const name of ['a', 'b', 'c']) await create(name, name);
      const page = (query: string) =>
        api
          .send('GET', `/v1/variables?limit=2${query}`)
          .then(({ body }) => body as { items: { name: string }[]; nextCursor: string });
      const first = await page('');
      const rest = await page(`&cursor=${first.nextCursor}`);
      const names = [...first.items, ...rest.items].map(({ name }) => name);
      expect(names.toSorted()).toEqual(['a', 'b', 'c']);
      expect(first.items).toHaveLength(2);
      expect(rest.nextCursor).toBeNull();
    });

    it.each<[number, string, () => Promise<Reply>]>([
      [409, 'VARIABLE_EXISTS', async () => (await create('a', 1), create('a', 2))],
      [404, 'VARIABLE_NOT_FOUND', () => change('nobody', 1)],
      [404, 'VARIABLE_NOT_FOUND', () => change('__proto__', 1)],
      [404, 'VARIABLE_NOT_FOUND', () => api.send('GET', '/v1/variables/constructor')],
      [404, 'VARIABLE_NOT_FOUND', () => api.send('GET', '/v1/variables/%00')],
      [404, 'VARIABLE_NOT_FOUND', () => api.send('DELETE', '/v1/variables/nobody')],
      [400, 'INVALID_REQUEST', () => create('__proto__', 1)],
      [400, 'INVALID_REQUEST', () => create('a-b', 1)],
      [400, 'INVALID_REQUEST', () => create('x'.repeat(65), 1)],
      [400, 'INVALID_REQUEST', () => api.send('POST', '/v1/variables', { json: { name: 'a' } })],
      [
        400,
        'INVALID_REQUEST',
        () => api.send('POST', '/v1/variables', { json: { name: 'a', value: 1, secret: true } }),
      ],
      [422, 'VARIABLES_TOO_LARGE', () => create('a', 'x'.repeat(65_536))],
    ])('are refused with %i %s', async (status, code, ask) => {
      expect(await ask()).toMatchObject({ status, body: { code } });
    });

    it('are 200 at most', async () => {
      for (let index = 0; index < 200; index++) expect((await create(`v${index}`, index)).status).toBe(201);
      expect(await create('more', 1)).toMatchObject({ status: 422, body: { code: 'VARIABLE_LIMIT_REACHED' } });
    });

    it('are those of one workspace', async () => {
      await create('region', 'eu');
      const stranger = await Api.register(millrace.url);
      for (const method of ['GET', 'DELETE']) {
        expect((await stranger.send(method, '/v1/variables/region')).status).toBe(404);
      }
      expect((await stranger.send('GET', '/v1/variables')).body).toEqual({ items: [], nextCursor: null });
      expect((await create('region', 'us', stranger)).status).toBe(201);
      expect((await api.send('GET', '/v1/variables/region')).body).toMatchObject({ value: 'eu' });
    });
  });

  describe('in an execution', () => {
    it('are those that its workflow reads, as they were when it started', async () => {
      await create('base', 'https://one.example');
      await create('other', 'unread');
      const id = await api.create(shape({ url: '{{ vars.base }}/x' }));
      const first = await run(id);
      await change('base', 'https://two.example');
      const second = await run(id);
      expect([first.output, second.output]).toEqual([
        { url: 'https://one.example/x' },
        { url: 'https://two.example/x' },
      ]);
      expect(await recorded(first.id)).toEqual({ base: 'https://one.example' });
      expect(await recorded(second.id)).toEqual({ base: 'https://two.example' });
    });

    it('stay the same to its end, though they are changed between two attempts', async () => {
      await create('path', '/held/old');
      const retry = { maxAttempts: 2, backoff: 'fixed', initialMs: 10, jitter: false };
      const config = { method: 'GET', url: `${sink.url}{{ vars.path }}` };
      const id = await api.create(manualGraph({ a: { type: 'http.request', config, retry } }, ['start>a']));
      const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json: {} });
      await until('the first attempt is made', async () => sink.calls[0]);
      await change('path', '/new');
      held.resolve();
      const execution = await api.ended((body as { executionId: string }).executionId);
      expect(execution.status).toBe('succeeded');
      expect(sink.calls.map(({ path }) => path)).toEqual(['/held/old', '/held/old']);
    });

    it('are not recorded when none is read, and all are when it can not be told which', async () => {
      await create('a', 1);
      await create('b', 2);
      expect(await recorded((await run(await api.create(shape({ x: 1 })))).id)).toBeUndefined();
      const all = await run(await api.create(shape({ all: '{{ vars }}' })));
      expect(all.output).toEqual({ all: { a: 1, b: 2 } });
      expect(await recorded(all.id)).toEqual({ a: 1, b: 2 });
    });

    it('fail the expression that reads a missing one, with a hint, until it exists', async () => {
      const id = await api.create(shape({ x: '{{ vars.later }}' }));
      const failed = await run(id);
      expect(failed).toMatchObject({ status: 'failed', error: { code: 'EXPRESSION_FAILED' } });
      expect(JSON.stringify(failed.error?.details)).toContain('existed when it started');
      await create('later', true);
      expect((await run(id)).output).toEqual({ x: true });
    });

    it('reach executions that webhooks start, also while Postgres is away', async () => {
      await create('greeting', 'hello');
      const { hook } = await api.activate({
        name: 'Greets',
        nodes: [
          { id: 'hook', type: 'trigger.webhook' },
          { id: 'shape', type: 'set', config: { values: { text: '{{ vars.greeting }} {{ trigger.body.name }}' } } },
        ],
        connections: [{ from: 'hook', to: 'shape' }],
      });
      await postgres.kill();
      const reply = await api.hook(hook, { name: 'Ada' });
      await postgres.start();
      expect(reply.status).toBe(202);
      const execution = await api.ended((reply.body as { executionId: string }).executionId);
      expect(execution.output).toEqual({ text: 'hello Ada' });
    });
  });
});

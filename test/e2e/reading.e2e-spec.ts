import { Api, type EventItem, type Execution, type Reply } from '../support/api.ts';
import { bigOrders, manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';
import { eventView, executionView } from '../../src/executions/execution-view.ts';

interface Page {
  readonly items: readonly { readonly id: string; readonly createdAt: string }[];
  readonly nextCursor: string | null;
}

describe('reading what happened', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;

  beforeAll(async () => {
    [millrace, sink] = await Promise.all([startMillrace(), Sink.start()]);
  }, 60_000);

  beforeEach(async () => {
    api = await Api.register(millrace.url);
  });

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const noop = manualGraph({ a: { type: 'noop' } }, ['start>a']);
  const run = (id: string, options: { json?: object; prefer?: string } = {}): Promise<Reply> =>
    api.send('POST', `/v1/workflows/${id}/executions`, {
      ...(options.json && { json: options.json }),
      headers: { prefer: options.prefer ?? 'wait=20' },
    });
  /** Runs one after the other, so that their order is known; gives their ids when the list shows them as they ended. */
  const runs = async (id: string, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push(((await run(id)).body as Execution).id);
    await until('the list shows them', async () => {
      const shown = (await api.executions()).filter((one) => ids.includes(one.id));
      return shown.length === count && shown.every((one) => one.status === 'succeeded') ? true : undefined;
    });
    return ids;
  };
  const page = async (path: string, query: string): Promise<Page> => {
    const { status, body } = await api.send('GET', `${path}?${query}`);
    expect(status).toBe(200);
    return body as Page;
  };
  const ids = ({ items }: Page): string[] => items.map((one) => one.id);

  describe('lists', () => {
    it('of executions go from the newest to the oldest, and no insert moves a page', async () => {
      const workflowId = await api.create(noop);
      const newestFirst = (await runs(workflowId, 7)).reverse();
      const first = await page('/v1/executions', 'limit=3');
      const [later] = await runs(workflowId, 1);
      const second = await page('/v1/executions', `limit=3&cursor=${first.nextCursor}`);
      const last = await page('/v1/executions', `limit=3&cursor=${second.nextCursor}`);
      expect([...ids(first), ...ids(second), ...ids(last)]).toEqual(newestFirst);
      expect(last.nextCursor).toBeNull();
      expect(ids(await page('/v1/executions', 'limit=1'))).toEqual([later]);
    });

    it('have fewer on a page when what they show is large, and all of them through the pages', async () => {
      const workflowId = await api.create(noop);
      const json = { input: 'x'.repeat(1_000_000) };
      const started: string[] = [];
      for (let n = 0; n < 10; n++) started.unshift(((await run(workflowId, { json })).body as Execution).id);
      await until('the list shows them', async () => ((await api.executions()).length === 10 ? true : undefined));
      const first = await page('/v1/executions', 'limit=50');
      // Each shows its input twice: as its own, and as the output of its trigger.
      expect(ids(first)).toEqual(started.slice(0, 8));
      const second = await page('/v1/executions', `limit=50&cursor=${first.nextCursor}`);
      expect(ids(second)).toEqual(started.slice(8));
      expect(second.nextCursor).toBeNull();
    });

    it('end without a cursor when the last page is full', async () => {
      const all = await runs(await api.create(noop), 2);
      const whole = await page('/v1/executions', 'limit=2');
      expect(whole.nextCursor).toBeNull();
      expect(ids(whole)).toEqual(all.reverse());
    });

    it('of workflows likewise', async () => {
      const created: string[] = [];
      for (let n = 0; n < 5; n++) created.unshift(await api.create({ ...noop, name: `Workflow ${n}` }));
      const first = await page('/v1/workflows', 'limit=2');
      await api.create(noop);
      const second = await page('/v1/workflows', `limit=2&cursor=${first.nextCursor}`);
      const last = await page('/v1/workflows', `limit=2&cursor=${second.nextCursor}`);
      expect([...ids(first), ...ids(second), ...ids(last)]).toEqual(created);
      expect(last.nextCursor).toBeNull();
    });

    it('are filtered', async () => {
      const [one, other] = [await api.create({ ...noop, name: 'First' }), await api.create(noop)];
      await api.send('POST', `/v1/workflows/${one}/activate`);
      const [fine] = await runs(one, 1);
      const failing = await api.create(
        manualGraph({ a: { type: 'set', config: { values: { x: '{{ trigger.body.none }}' } } } }, ['start>a']),
      );
      const failed = ((await run(failing)).body as Execution).id;
      const hooked = await api.activate(bigOrders(sink.url));
      const { body } = await api.hook(hooked.hook, { orderId: 'f', amount: 1 });
      const { executionId } = body as { executionId: string };
      await until('the list shows all', async () => {
        const over = (await api.executions()).filter((shown) => shown.status === 'succeeded');
        return over.length === 2 ? true : undefined;
      });
      expect(ids(await page('/v1/executions', `workflowId=${one}`))).toEqual([fine]);
      expect(ids(await page('/v1/executions', `workflowId=${other}`))).toEqual([]);
      expect(ids(await page('/v1/executions', 'status=failed'))).toEqual([failed]);
      expect(ids(await page('/v1/executions', 'trigger=trigger.webhook'))).toEqual([executionId]);
      const { createdAt } = (await api.ended(failed)) as { createdAt: string };
      expect(ids(await page('/v1/executions', `from=${createdAt}`))).toEqual([executionId, failed]);
      expect(ids(await page('/v1/workflows', 'active=true'))).toEqual([hooked.id, one]);
      expect(ids(await page('/v1/workflows', 'q=first'))).toEqual([one]);
    });
  });

  describe('a search', () => {
    it('finds executions by words of input, output and error, and by the nodes that took part', async () => {
      const shape = { type: 'set', config: { values: { text: '{{ "Order " + trigger.body.id }}' } } };
      const good = await api.create(manualGraph({ shape }, ['start>shape']));
      const bad = await api.create(
        manualGraph({ a: { type: 'set', config: { values: { x: '{{ trigger.body.none }}' } } } }, ['start>a']),
      );
      const ada = ((await run(good, { json: { input: { id: 'A-17', mail: 'Ada@Example.com' } } })).body as Execution)
        .id;
      const bob = (
        (await run(good, { json: { input: { id: 'A-18', mail: 'nul \u0000 \ud83d "bob"' } } })).body as Execution
      ).id;
      const failed = ((await run(bad)).body as Execution).id;
      await until('the list shows how they ended', async () => {
        const over = (await api.executions()).filter((shown) => ['succeeded', 'failed'].includes(shown.status));
        return over.length === 3 ? true : undefined;
      });
      const found = async (query: Record<string, string>): Promise<string[]> =>
        ids(await page('/v1/executions', String(new URLSearchParams(query))));
      expect(await found({ q: 'a-17' })).toEqual([ada]);
      expect(await found({ q: 'example.com ORDER' })).toEqual([ada]);
      expect(await found({ q: 'order' })).toEqual([bob, ada]);
      expect(await found({ q: '"bob" \u0000 %' })).toEqual([bob]);
      expect(await found({ q: 'EXPRESSION_FAILED' })).toEqual([failed]);
      expect(await found({ nodeId: 'shape' })).toEqual([bob, ada]);
      expect(await found({ nodeId: 'shape', q: '18', status: 'succeeded', trigger: 'trigger.manual' })).toEqual([bob]);
      for (const q of ['%', "' or 1=1 --", 'rder', 'nowhere']) expect(await found({ q })).toEqual([]);
      const [first] = [await page('/v1/executions', 'q=order&limit=1')];
      expect(ids(await page('/v1/executions', `q=order&limit=1&cursor=${first.nextCursor}`))).toEqual([ada]);
    });

    it.each(['q=', 'q=%20', 'nodeId=%00', 'workflowId=%00', 'from=0000-01-01T00:00:00Z', 'status=done', 'text=x'])(
      'takes no %s',
      async (query) => {
        const reply = await api.send('GET', `/v1/executions?${query}`);
        expect(reply).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
      },
    );

    it.each(['["0000-01-01T00:00:00.000Z","ex_1"]', '["2026-01-01T00:00:00.000Z","\\u0000"]', '[]', '1'])(
      'takes no cursor that it did not give, as %s',
      async (text) => {
        const cursor = Buffer.from(text).toString('base64url');
        const reply = await api.send('GET', `/v1/executions?cursor=${cursor}`);
        expect(reply).toMatchObject({ status: 400, body: { code: 'INVALID_CURSOR' } });
      },
    );
  });

  it('shows what it says that it shows', async () => {
    const failing = manualGraph({ a: { type: 'set', config: { values: { x: '{{ trigger.body.none }}' } } } }, [
      'start>a',
    ]);
    for (const graph of [noop, failing]) {
      const { body } = await run(await api.create(graph));
      const shown = executionView.strict().parse(body);
      expect(shown).toEqual(body);
      for (const event of await api.events(shown.id)) expect(eventView.strict().parse(event)).toEqual(event);
    }
  });

  describe('a history', () => {
    it('comes by pages, and whole as lines of JSON', async () => {
      const { body } = await run(await api.create(noop));
      const path = `/v1/executions/${(body as Execution).id}/events`;
      const all = (await api.send('GET', path)).body as { items: EventItem[]; nextCursor: null };
      expect(all.nextCursor).toBeNull();
      expect(all.items.map((event) => event.version)).toEqual(all.items.map((_, index) => index + 1));
      expect(all.items.map((event) => event.type)).toEqual([
        'ExecutionStarted',
        'NodeScheduled',
        'NodeSucceeded',
        'ExecutionSucceeded',
      ]);
      const first = await api.send('GET', `${path}?limit=3`);
      const { items, nextCursor } = first.body as { items: EventItem[]; nextCursor: string };
      const rest = (await api.send('GET', `${path}?limit=3&cursor=${nextCursor}`)).body as { items: EventItem[] };
      expect([...items, ...rest.items]).toEqual(all.items);
      const lines = await api.send('GET', path, { headers: { accept: 'application/x-ndjson' } });
      expect(lines.headers.get('content-type')).toContain('application/x-ndjson');
      expect(lines.text.endsWith('\n')).toBe(true);
      expect(lines.text.trimEnd().split('\n').map(parsed)).toEqual(all.items);
    });

    it('says who started it by hand, and shows its input and output', async () => {
      const { body } = await run(await api.create(noop), { json: { input: { why: 'curious' } } });
      const execution = body as Execution;
      const me = (await api.send('GET', '/v1/me')).body as { user: { id: string } };
      expect(execution).toMatchObject({ input: { body: { why: 'curious' } }, output: {}, error: null });
      expect((await api.events(execution.id))[0]).toMatchObject({
        actor: { type: 'user', id: me.user.id },
        data: { input: { body: { why: 'curious' } } },
      });
    });
  });

  describe('starting by hand', () => {
    it('is answered at once without Prefer, with where to look', async () => {
      const id = await api.create(noop);
      const reply = await api.send('POST', `/v1/workflows/${id}/executions`);
      const { executionId } = reply.body as { executionId: string };
      expect(reply).toMatchObject({ status: 202, body: { executionId: expect.stringMatching(/^ex_/) as string } });
      expect(reply.headers.get('location')).toBe(`/v1/executions/${executionId}`);
      expect(reply.headers.get('preference-applied')).toBeNull();
      expect(await api.ended(executionId)).toMatchObject({ status: 'succeeded' });
    });

    it('waits as long as asked, and says so', async () => {
      const reply = await run(await api.create(noop), { prefer: 'wait=10' });
      expect(reply).toMatchObject({ status: 200, body: { status: 'succeeded' } });
      expect(reply.headers.get('preference-applied')).toBe('wait=10');
    });

    it('is answered as without Prefer when the end does not come in time', async () => {
      const retry = { maxAttempts: 2, backoff: 'fixed', initialMs: 60_000, jitter: false };
      const config = { method: 'GET', url: 'http://127.0.0.1:1/' };
      const id = await api.create(manualGraph({ a: { type: 'http.request', config, retry } }, ['start>a']));
      const reply = await run(id, { prefer: 'wait=1' });
      expect(reply).toMatchObject({ status: 202, body: { executionId: expect.stringMatching(/^ex_/) as string } });
      expect(reply.headers.get('preference-applied')).toBeNull();
    });
  });

  it("of another workspace's things there is nothing, on any route", async () => {
    const { id, hook } = await api.activate(bigOrders(sink.url));
    const { body } = await api.hook(hook, { orderId: 'mine', amount: 500 });
    const { executionId } = body as { executionId: string };
    await api.ended(executionId);
    const stranger = await Api.register(millrace.url);
    const change = { json: bigOrders(sink.url), headers: { 'if-match': '"1"' } };
    const replies = await Promise.all([
      stranger.send('GET', `/v1/workflows/${id}`),
      stranger.send('PUT', `/v1/workflows/${id}`, change),
      stranger.send('POST', `/v1/workflows/${id}/activate`),
      stranger.send('POST', `/v1/workflows/${id}/deactivate`),
      stranger.send('GET', `/v1/workflows/${id}/webhooks`),
      stranger.send('POST', `/v1/workflows/${id}/executions`, { json: {} }),
      stranger.send('GET', `/v1/executions/${executionId}`),
      stranger.send('GET', `/v1/executions/${executionId}/events`),
      stranger.send('GET', `/v1/executions/${executionId}/events`, { headers: { accept: 'application/x-ndjson' } }),
    ]);
    expect(replies.map((reply) => reply.status)).toEqual(replies.map(() => 404));
    expect(await stranger.executions()).toEqual([]);
    expect((await stranger.send('GET', `/v1/executions?workflowId=${id}`)).body).toMatchObject({ items: [] });
    expect((await stranger.send('GET', '/v1/workflows')).body).toMatchObject({ items: [] });
    expect(await api.send('GET', `/v1/workflows/${id}`)).toMatchObject({ body: { active: true, version: 1 } });
  });
});

function parsed(line: string): unknown {
  return JSON.parse(line);
}

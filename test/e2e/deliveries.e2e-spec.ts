import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { DeliveryView, RedeliveriesView } from '../../src/deliveries/delivery-view.ts';
import { Api, call, type Reply } from '../support/api.ts';
import { everythingStored } from '../support/everything-stored.ts';
import { hookGraph } from '../support/hook-graph.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const SECRET = 'right-and-secret';
const hmac = (text: string) => createHmac('sha256', SECRET).update(text).digest('hex');
const codeOf = ({ status, body }: Reply) => [status, (body as { code?: string }).code];

describe('the delivery ledger', () => {
  let millrace: LocalMillrace;
  let api: Api;
  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(() => millrace[Symbol.asyncDispose]());

  interface Hook {
    readonly workflowId: string;
    readonly id: string;
    readonly path: string;
  }
  const secretId = async (): Promise<string> => {
    const json = { name: 'Of a sender', type: 'webhook.secret', data: { secret: SECRET } };
    return ((await api.send('POST', '/v1/credentials', { json })).body as { id: string }).id;
  };
  const hookWith = async (config: object = {}): Promise<Hook> => {
    const { id: workflowId, hook: path } = await api.activate(hookGraph(config));
    const { body } = await api.send('GET', `/v1/workflows/${workflowId}/webhooks`);
    return { workflowId, id: (body as { items: [{ id: string }] }).items[0].id, path };
  };
  const pageOf = async ({ id }: Pick<Hook, 'id'>, query = '', by = api) => {
    const { status, body } = await by.send('GET', `/v1/webhooks/${id}/deliveries${query}`);
    expect(status).toBe(200);
    return body as { items: DeliveryView[]; nextCursor: string | null };
  };
  const listed = async (hook: Hook, query = ''): Promise<DeliveryView[]> => (await pageOf(hook, query)).items;
  /** That `activate` asks for the URL by a method that it does not take is in the ledger as well. */
  const ofSender = ({ reason }: DeliveryView) => reason !== 'METHOD_NOT_ALLOWED';
  /** Entries of a sender's calls, once there are so many. */
  const ledger = (hook: Hook, count: number, query = ''): Promise<DeliveryView[]> =>
    until(`${count} calls are in the ledger`, async () => {
      const items = (await listed(hook, query)).filter(ofSender);
      return items.length >= count ? items : undefined;
    });
  const post = (hook: Hook, text = '{}', headers: Readonly<Record<string, string>> = {}) =>
    call(millrace.url, 'POST', hook.path, { text, headers });
  const accepted = async (hook: Hook, text = '{}', headers = {}): Promise<string> => {
    const { status, body } = await post(hook, text, headers);
    expect(status).toBe(202);
    return (body as { executionId: string }).executionId;
  };
  const deliveryOf = (executionId: string) => executionId.replace('ex_', 'dlv_');
  const redeliver = (id: string, headers = {}) => api.send('POST', `/v1/deliveries/${id}/redeliver`, { headers });

  it('has calls that were accepted and calls that were refused, newest first, and nothing secret', async () => {
    const hook = await hookWith({ verify: { scheme: 'github', credentialId: await secretId() } });
    const text = '{"card": "4111-hidden"}';
    const signed = { 'x-hub-signature-256': `sha256=${hmac(text)}`, authorization: 'Basic hidden' };
    const first = await accepted(hook, text, signed);
    await ledger(hook, 1);
    const query = '?token=hidden';
    expect((await call(millrace.url, 'POST', `${hook.path}${query}`, { text, headers: signed })).status).toBe(202);
    await ledger(hook, 2);
    expect((await post(hook, text)).status).toBe(401);
    expect((await post(hook, '{', { 'x-hub-signature-256': `sha256=${hmac('{')}` })).status).toBe(400);
    const items = await ledger(hook, 4);
    expect(items.map(({ outcome, status, reason, calls }) => [outcome, status, reason, calls])).toEqual([
      ['refused', 400, 'MALFORMED_JSON', 1],
      ['refused', 401, 'SIGNATURE_MISSING', 1],
      ['accepted', 202, null, 1],
      ['accepted', 202, null, 1],
    ]);
    expect(items[3]).toEqual({
      id: deliveryOf(first),
      webhookId: hook.id,
      at: expect.any(String) as unknown,
      outcome: 'accepted',
      status: 202,
      reason: null,
      executionId: first,
      redeliveryOf: null,
      method: 'POST',
      ip: '127.0.0.1',
      calls: 1,
    });
    expect(items[0]).toMatchObject({ webhookId: hook.id, executionId: null, method: 'POST', ip: '127.0.0.1' });
    expect(JSON.stringify(items)).not.toMatch(/hidden|4111|sha256/);
    expect(JSON.stringify(items)).not.toContain(hook.path.split('/').at(-1));

    const paged: DeliveryView[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await pageOf(hook, `?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      paged.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(paged.filter(ofSender)).toEqual(items);
    expect(await listed(hook, '?outcome=accepted')).toEqual(items.slice(2));
    expect((await listed(hook, '?outcome=refused')).filter(ofSender)).toEqual(items.slice(0, 2));
    expect(await listed(hook, '?outcome=answered')).toEqual([]);
    expect(await listed(hook, '?reason=SIGNATURE_MISSING')).toEqual([items[1]]);
    expect((await listed(hook, `?from=${items[1]!.at}`)).filter(ofSender)).toEqual(items.slice(0, 2));
    expect((await listed(hook, `?to=${items[1]!.at}`)).filter(ofSender)).toEqual(items.slice(2));
  });

  it('keeps nothing of what a refused call carried, nowhere', async () => {
    const hook = await hookWith({ verify: { scheme: 'github', credentialId: await secretId() } });
    const carried = 'carried-by-a-refused-call';
    const headers = { 'x-hub-signature-256': `sha256=${carried}`, [carried]: carried, authorization: carried };
    const target = `${hook.path}?${carried}=${carried}`;
    expect((await call(millrace.url, 'POST', target, { text: `{"${carried}":1}`, headers })).status).toBe(401);
    await ledger(hook, 1);
    const stored = await everythingStored({ natsUrl: millrace.nats.url, databaseUrl: millrace.databaseUrl });
    expect(stored).toContain('SIGNATURE_M');
    expect(stored).not.toContain(carried);
    expect(millrace.log.join('')).not.toContain(carried);
  });

  it('has every way in which a call is refused', async () => {
    const hook = await hookWith({
      maxBodyBytes: 16,
      dedupe: { key: '{{ trigger.body.?id.orValue("") }}', windowMs: 60_000 },
    });
    await accepted(hook, '{"id":"a"}');
    expect((await post(hook, '{"id":"a"}')).status).toBe(409);
    expect((await post(hook, '{"id":"much too long"}')).status).toBe(413);
    expect(await streamed(`${millrace.url}${hook.path}`, 40)).toBe(413);
    expect((await call(millrace.url, 'PUT', hook.path, { text: '{}' })).status).toBe(405);
    const limited = await hookWith({ rateLimit: { limit: 1, perMs: 3_600_000 } });
    await accepted(limited);
    expect((await post(limited)).status).toBe(429);
    const foreign = await hookWith({ allowIps: ['192.0.2.0/24'] });
    expect((await post(foreign)).status).toBe(403);
    const strict = await hookWith({ schema: { type: 'object', required: ['id'] } });
    expect((await post(strict)).status).toBe(422);
    const reasons = async (of: Hook, count: number) =>
      (await ledger(of, count)).map(({ status, reason }) => [status, reason]);
    expect((await reasons(hook, 4)).sort()).toEqual(
      [
        [202, null],
        [409, 'DUPLICATE_CALL'],
        [413, 'BODY_TOO_LARGE'],
        [413, 'BODY_TOO_LARGE'],
      ].sort(),
    );
    expect((await listed(hook, '?reason=METHOD_NOT_ALLOWED')).map(({ method }) => method)).toContain('PUT');
    expect(await reasons(limited, 2)).toEqual([
      [429, 'TOO_MANY_CALLS'],
      [202, null],
    ]);
    expect((await reasons(strict, 1))[0]?.[0]).toBe(422);
    expect((await reasons(foreign, 1))[0]).toEqual([403, 'ADDRESS_NOT_ALLOWED']);
  });

  it('has what Slack asked of the endpoint itself', async () => {
    const hook = await hookWith({ verify: { scheme: 'slack', credentialId: await secretId() } });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post(hook, 'ssl_check=1', form)).status).toBe(200);
    const [entry] = await ledger(hook, 1, '?outcome=answered');
    expect(entry).toMatchObject({ outcome: 'answered', status: 200, reason: null, executionId: null });
  });

  it('tells a flood by what it came to', async () => {
    const hook = await hookWith({ verify: { scheme: 'github', credentialId: await secretId() } });
    const flood = 200;
    for (let sent = 0; sent < flood; sent += 20)
      await Promise.all(Array.from({ length: 20 }, async () => expect((await post(hook)).status).toBe(401)));
    const told = await until(
      'all are told',
      async () => {
        const items = await listed(hook, '?limit=200&reason=SIGNATURE_MISSING');
        return items.reduce((sum, { calls }) => sum + calls, 0) >= flood ? items : undefined;
      },
      30_000,
    );
    expect(told.reduce((sum, { calls }) => sum + calls, 0)).toBe(flood);
    expect(told.length).toBeLessThan(flood / 2);
    const metrics = (await call(millrace.url, 'GET', '/metrics')).text;
    expect(metrics).toContain('millrace_webhook_deliveries_dropped_total 0');
    expect(told.find(({ calls }) => calls > 1)).toMatchObject({ method: null, ip: null, status: 401 });
  }, 60_000);

  it('sends an accepted call again, to the version that is active now', async () => {
    const hook = await hookWith();
    const executionId = await accepted(hook, '{"orderId":"A-17"}');
    const first = await api.ended(executionId);
    const { headers } = await api.send('GET', `/v1/workflows/${hook.workflowId}`);
    const changed = await api.send('PUT', `/v1/workflows/${hook.workflowId}`, {
      json: hookGraph({}, { shape: { type: 'set', config: { values: { id: '{{ trigger.body.orderId }}' } } } }, [
        'hook>shape',
      ]),
      headers: { 'if-match': headers.get('etag') ?? '' },
    });
    expect(changed.status).toBe(200);
    await api.send('POST', `/v1/workflows/${hook.workflowId}/activate`);
    const key = { 'idempotency-key': 'once' };
    const reply = await redeliver(deliveryOf(executionId), key);
    expect(reply.status).toBe(202);
    const again = (reply.body as { executionId: string }).executionId;
    expect(reply.headers.get('location')).toBe(`/v1/executions/${again}`);
    expect((await redeliver(deliveryOf(executionId), key)).body).toEqual({ executionId: again });
    const second = await api.ended(again);
    expect(second).toMatchObject({
      status: 'succeeded',
      workflowVersion: 2,
      trigger: { type: 'trigger.webhook', nodeId: 'hook' },
      input: first.input,
      output: { id: 'A-17' },
      redeliveryOf: executionId,
      parentExecutionId: null,
      forkedFrom: null,
    });
    expect(first).toMatchObject({ redeliveryOf: null });
    const [started] = await api.events(again);
    expect(started).toMatchObject({
      actor: { type: 'user' },
      data: { origin: { kind: 'redelivery', executionId } },
    });
    const third = (await redeliver(deliveryOf(again))).body as { executionId: string };
    expect(await api.ended(third.executionId)).toMatchObject({ redeliveryOf: executionId });
    expect((await ledger(hook, 3)).map((entry) => [entry.executionId, entry.redeliveryOf])).toEqual([
      [third.executionId, executionId],
      [again, executionId],
      [executionId, null],
    ]);
  });

  it('sends a call again that its webhook would take no more', async () => {
    const rules = {
      rateLimit: { limit: 1, perMs: 3_600_000 },
      dedupe: { key: '{{ trigger.body.id }}', windowMs: 60_000 },
    };
    const hook = await hookWith(rules);
    const executionId = await accepted(hook, '{"id":"a"}');
    expect((await redeliver(deliveryOf(executionId))).status).toBe(202);
  });

  it('sends large calls again', async () => {
    const hook = await hookWith();
    const text = JSON.stringify({ much: 'x'.repeat(300_000) });
    const executionId = await accepted(hook, text);
    expect((await ledger(hook, 1))[0]).toMatchObject({ executionId, method: null, ip: null });
    const { body } = await redeliver(deliveryOf(executionId));
    const again = await api.ended((body as { executionId: string }).executionId);
    expect(again.input.body).toEqual(JSON.parse(text));
  });

  it('sends nothing again that was refused, or that no active webhook is there for', async () => {
    const hook = await hookWith({ verify: { scheme: 'github', credentialId: await secretId() } });
    const executionId = await accepted(hook, '{}', { 'x-hub-signature-256': `sha256=${hmac('{}')}` });
    await post(hook);
    const refused = (await ledger(hook, 2)).find(({ outcome }) => outcome === 'refused');
    expect(codeOf(await redeliver(refused!.id))).toEqual([409, 'NOT_REDELIVERABLE']);
    await api.send('POST', `/v1/workflows/${hook.workflowId}/deactivate`);
    expect(codeOf(await redeliver(deliveryOf(executionId)))).toEqual([409, 'WEBHOOK_INACTIVE']);
    expect(codeOf(await redeliver(deliveryOf('ex_none')))).toEqual([404, 'DELIVERY_NOT_FOUND']);
    expect(codeOf(await redeliver('none'))).toEqual([404, 'DELIVERY_NOT_FOUND']);
    const byHand = await api.send('POST', `/v1/workflows/${hook.workflowId}/executions`);
    const started = (byHand.body as { executionId: string }).executionId;
    expect(codeOf(await redeliver(deliveryOf(started)))).toEqual([404, 'DELIVERY_NOT_FOUND']);
    expect((await api.send('DELETE', `/v1/workflows/${hook.workflowId}`)).status).toBe(204);
    expect(codeOf(await redeliver(deliveryOf(executionId)))).toEqual([409, 'WEBHOOK_INACTIVE']);
    expect((await ledger(hook, 2)).map(({ outcome }) => outcome)).toEqual(['refused', 'accepted']);
  });

  it('sends many again, each for itself', async () => {
    const hook = await hookWith();
    const other = await hookWith();
    const executions = await Promise.all(Array.from({ length: 20 }, (_, n) => accepted(hook, JSON.stringify({ n }))));
    const ofOther = deliveryOf(await accepted(other));
    await call(millrace.url, 'PUT', hook.path);
    const [refused] = await until('it is listed', async () => {
      const items = await listed(hook, '?outcome=refused');
      return items.length > 0 ? items : undefined;
    });
    const deliveryIds = [refused!.id, ...executions.map(deliveryOf), ofOther, 'none'];
    const send = () =>
      api.send('POST', `/v1/webhooks/${hook.id}/redeliver`, {
        json: { deliveryIds },
        headers: { 'idempotency-key': `many-${hook.id}` },
      });
    const reply = await send();
    expect(reply.status).toBe(202);
    const { items } = reply.body as RedeliveriesView;
    expect(items.map(({ deliveryId }) => deliveryId)).toEqual(deliveryIds);
    expect(items.map((item) => ('code' in item ? item.code : 'started'))).toEqual([
      'NOT_REDELIVERABLE',
      ...executions.map(() => 'started'),
      'DELIVERY_NOT_FOUND',
      'DELIVERY_NOT_FOUND',
    ]);
    const again = items.flatMap((item) => ('executionId' in item ? [item.executionId] : []));
    const bodies = await Promise.all(again.map(async (id) => (await api.ended(id)).input.body));
    expect(bodies).toEqual(executions.map((_, n) => ({ n })));
    expect((await send()).body).toEqual(reply.body);
    for (const json of [{ deliveryIds: [] }, { deliveryIds: ['a', 'a'] }, {}])
      expect((await api.send('POST', `/v1/webhooks/${hook.id}/redeliver`, { json })).status).toBe(400);
  });

  it('is not there for another workspace', async () => {
    const hook = await hookWith();
    const executionId = await accepted(hook);
    const stranger = await Api.register(millrace.url);
    expect(codeOf(await stranger.send('GET', `/v1/webhooks/${hook.id}/deliveries`))).toEqual([
      404,
      'WEBHOOK_NOT_FOUND',
    ]);
    const json = { deliveryIds: [deliveryOf(executionId)] };
    expect(codeOf(await stranger.send('POST', `/v1/webhooks/${hook.id}/redeliver`, { json }))).toEqual([
      404,
      'WEBHOOK_NOT_FOUND',
    ]);
    expect(codeOf(await stranger.send('POST', `/v1/deliveries/${deliveryOf(executionId)}/redeliver`))).toEqual([
      404,
      'DELIVERY_NOT_FOUND',
    ]);
  });
});

/** Sends so many bytes without saying before how many; gives the status. */
function streamed(url: string, bytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode));
    });
    sending.once('error', reject);
    sending.end('x'.repeat(bytes));
  });
}

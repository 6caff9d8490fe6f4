import { createHmac } from 'node:crypto';
import { BELL_TRIGGER, type BellConfig } from '#libs/node-kit/testing';
import { RouteBucket, RouteTable, type Route } from '#libs/webhook-routes';
import type { DeliveryView } from '../../src/deliveries/delivery-view.ts';
import { WebhookSecrets } from '../../src/webhooks/webhook-secrets.ts';
import type { WebhookView } from '../../src/workflows/webhook-view.ts';
import { Api, call, type Reply } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { TestPostgres } from '../support/servers.ts';
import { until } from '../support/until.ts';

const SECRET = 'of-the-bells';
const HOUR_MS = 3_600_000;
const codeOf = ({ status, body }: Reply) => [status, (body as { code?: string }).code];
const ringing = (id?: string, ring = 'twice') => JSON.stringify({ ring, ...(id === undefined ? {} : { id }) });

interface Bell {
  readonly workflowId: string;
  readonly webhook: WebhookView;
  readonly path: string;
}

describe('a trigger that a service calls', () => {
  let millrace: LocalMillrace;
  let postgres: TestPostgres;
  let api: Api;
  let credentialId: string;

  beforeAll(async () => {
    postgres = await TestPostgres.start();
    millrace = await startMillrace({ postgres, nodeTypes: [BELL_TRIGGER] });
    api = await Api.register(millrace.url);
    credentialId = await credentialOf('webhook.secret', { secret: SECRET });
  }, 90_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  const credentialOf = async (type: string, data: object): Promise<string> => {
    const { body } = await api.send('POST', '/v1/credentials', { json: { name: 'Of bells', type, data } });
    return (body as { id: string }).id;
  };
  const workflowWith = (config: Partial<BellConfig>, nodes: readonly object[] = []) => ({
    name: 'Behind a bell',
    nodes: [{ id: 'bell', type: 'trigger.bell', config }, ...nodes],
    connections: nodes.map((node) => ({ from: 'bell', to: (node as { id: string }).id })),
  });
  const webhookOf = async (workflowId: string): Promise<WebhookView> => {
    const { body } = await api.send('GET', `/v1/workflows/${workflowId}/webhooks`);
    return (body as { items: [WebhookView] }).items[0];
  };
  const bellWith = async (config: Partial<BellConfig> = { credentialId }, nodes?: readonly object[]): Promise<Bell> => {
    const { id: workflowId, hook: path } = await api.activate(workflowWith(config, nodes));
    return { workflowId, path, webhook: await webhookOf(workflowId) };
  };
  const signature = (text: string, secret = SECRET) => ({
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`,
  });
  const post = ({ path }: Pick<Bell, 'path'>, text: string, headers: object = {}) =>
    call(millrace.url, 'POST', path, { text, headers: { ...signature(text), ...headers } });
  const executionsOf = async ({ workflowId }: Bell, query = '') => {
    const { body } = await api.send('GET', `/v1/executions?workflowId=${workflowId}${query}`);
    return (body as { items: { id: string }[] }).items.map(({ id }) => id);
  };
  const started = async (bell: Bell, query = ''): Promise<string> => {
    const [id] = await until('it is listed', async () => {
      const ids = await executionsOf(bell, query);
      return ids.length > 0 ? ids : undefined;
    });
    return id ?? '';
  };
  /** That `activate` asks for the URL by another method is in the ledger as well. */
  const ledger = (bell: Bell, count: number, query = ''): Promise<DeliveryView[]> =>
    until(`${count} calls are in the ledger`, async () => {
      const { body } = await api.send('GET', `/v1/webhooks/${bell.webhook.id}/deliveries${query}`);
      const { items } = body as { items: DeliveryView[] };
      const sent = items.filter(({ reason }) => reason !== 'METHOD_NOT_ALLOWED');
      return sent.length >= count ? sent : undefined;
    });

  it('has a URL that takes POST, and starts executions with what the call means', async () => {
    const bell = await bellWith();
    expect(bell.webhook).toMatchObject({ nodeId: 'bell', type: 'trigger.bell', method: 'POST', active: true });
    const text = ringing('1');
    const reply = await call(millrace.url, 'POST', `${bell.path}?from=tower`, {
      text,
      headers: { ...signature(text), 'x-bell': 'Pummerin', authorization: 'Basic hidden' },
    });
    expect([reply.status, reply.headers.get('content-type'), reply.text]).toEqual([
      200,
      'application/json; charset=utf-8',
      '{"heard":true}',
    ]);
    const execution = await api.ended(await started(bell, '&trigger=trigger.bell'));
    expect(execution).toMatchObject({
      status: 'succeeded',
      trigger: { type: 'trigger.bell', nodeId: 'bell' },
      input: {
        method: 'POST',
        path: bell.path,
        query: { from: 'tower' },
        headers: { 'x-bell': 'Pummerin', 'content-type': 'application/json' },
        body: { rang: 'twice', bell: 'Pummerin' },
        receivedAt: expect.any(String) as unknown,
        ip: '127.0.0.1',
      },
    });
    expect(JSON.stringify(execution)).not.toContain('hidden');
    expect(await executionsOf(bell, '&trigger=trigger.webhook')).toEqual([]);
  });

  it('sees variables, and has the priority of its workflow', async () => {
    await api.send('POST', '/v1/variables', { json: { name: 'tower', value: 'south' } });
    const shape = { id: 'shape', type: 'set', config: { values: { at: '{{ vars.tower }}' } } };
    const { id, hook: path } = await api.activate({
      ...workflowWith({ credentialId }, [shape]),
      settings: { priority: 'high' },
    });
    const bell = { workflowId: id, path, webhook: await webhookOf(id) };
    expect((await post(bell, ringing())).status).toBe(200);
    const executionId = await started(bell);
    expect(await api.ended(executionId)).toMatchObject({ output: { at: 'south' } });
    expect((await api.events(executionId))[0]).toMatchObject({ data: { priority: 'high' } });
  });

  it('waits as long as its node says for a last call', async () => {
    const [node] = workflowWith({ credentialId }).nodes;
    const { id: workflowId, hook: path } = await api.activate({
      name: 'Behind a bell that rings often',
      nodes: [{ ...node, debounce: { delayMs: 500 } }],
    });
    const bell = { workflowId, path, webhook: await webhookOf(workflowId) };
    for (const id of ['first', 'last']) expect((await post(bell, ringing(id))).status).toBe(200);
    const deliveries = await ledger(bell, 2);
    const ended = await Promise.all(deliveries.map(({ executionId }) => api.ended(executionId ?? '')));
    expect(ended.map(({ status, cancelReason }) => [status, cancelReason?.code])).toEqual([
      ['succeeded', undefined],
      ['cancelled', 'DEBOUNCED'],
    ]);
  });

  it('refuses what is not signed, not sent by POST or too large, and starts nothing for it', async () => {
    const bell = await bellWith();
    const text = ringing();
    expect(codeOf(await call(millrace.url, 'POST', bell.path, { text }))).toEqual([401, 'SIGNATURE_MISSING']);
    expect(codeOf(await post(bell, text, signature(text, 'other')))).toEqual([401, 'SIGNATURE_MISMATCH']);
    expect(codeOf(await post(bell, '{'))).toEqual([400, 'MALFORMED_JSON']);
    expect(codeOf(await post(bell, ringing('x'.repeat(1_024))))).toEqual([413, 'BODY_TOO_LARGE']);
    expect(codeOf(await call(millrace.url, 'GET', bell.path))).toEqual([405, 'METHOD_NOT_ALLOWED']);
    const reasons = (await ledger(bell, 4)).map(({ reason }) => reason);
    expect(reasons.sort()).toEqual(['BODY_TOO_LARGE', 'MALFORMED_JSON', 'SIGNATURE_MISMATCH', 'SIGNATURE_MISSING']);
    expect(await executionsOf(bell)).toEqual([]);
  });

  it('answers by itself what wants an answer, and takes for good what it does not ask for', async () => {
    const bell = await bellWith();
    const hello = await post(bell, '{"hello":"you"}');
    expect([hello.status, hello.headers.get('content-type'), hello.text]).toEqual([
      201,
      'text/plain; charset=utf-8',
      'you',
    ]);
    expect(await post(bell, ringing('2', 'thrice'))).toMatchObject({ status: 200, text: '{"heard":true}' });
    expect((await post(bell, ringing())).status).toBe(200);
    const told = ({ outcome, status, reason }: DeliveryView) => [outcome, status, reason];
    expect((await ledger(bell, 3)).map(told)).toEqual([
      ['accepted', 202, null],
      ['answered', 200, 'RING_NOT_WANTED'],
      ['answered', 201, null],
    ]);
    expect((await ledger(bell, 2, '?outcome=answered')).map(told)).toEqual([
      ['answered', 200, 'RING_NOT_WANTED'],
      ['answered', 201, null],
    ]);
    expect(await ledger(bell, 1, '?reason=RING_NOT_WANTED')).toHaveLength(1);
    expect(await ledger(bell, 0, '?outcome=refused')).toEqual([]);
    expect(await executionsOf(bell)).toHaveLength(1);
  });

  it('starts one execution for a call, however often and at how many places at once it comes', async () => {
    const bell = await bellWith();
    const replies = await Promise.all(Array.from({ length: 12 }, () => post(bell, ringing('same'))));
    expect(replies.map(({ status, text }) => `${status} ${text}`)).toEqual(replies.map(() => '200 {"heard":true}'));
    await post(bell, ringing('other'));
    const outcomes = (await ledger(bell, 13)).map(({ outcome, status }) => `${outcome} ${status}`);
    expect(outcomes.filter((one) => one === 'accepted 202')).toHaveLength(2);
    expect(outcomes.filter((one) => one === 'answered 200')).toHaveLength(11);
    expect(await executionsOf(bell)).toHaveLength(2);
  });

  it('verifies with the secret that the installation told the service, of each webhook its own', async () => {
    const [one, other] = [await bellWith({ door: 'front' }), await bellWith({ door: 'back' })];
    const secrets = millrace.app.get(WebhookSecrets, { strict: false });
    const text = ringing();
    const [secret] = secrets.of(one.webhook.id);
    expect((await post(one, text, signature(text, secret))).status).toBe(200);
    expect(codeOf(await post(one, text))).toEqual([401, 'SIGNATURE_MISMATCH']);
    expect(codeOf(await post(one, text, signature(text, secrets.of(other.webhook.id)[0])))).toEqual([
      401,
      'SIGNATURE_MISMATCH',
    ]);
    expect(codeOf(await call(millrace.url, 'POST', one.path, { text }))).toEqual([401, 'SIGNATURE_MISSING']);
    const stored = JSON.stringify(await api.events(await started(one)));
    expect(stored).not.toContain(secret);
  });

  it('does not come to be where nobody could sign', async () => {
    const basic = await credentialOf('http.basic', { username: 'ada', password: 'x' });
    const created = async (config: object) => {
      const { status, body } = await api.send('POST', '/v1/workflows', { json: workflowWith(config) });
      return [status, (body as { errors: { path: string; message: string }[] }).errors];
    };
    const problem = (path: string, message: RegExp) => [
      422,
      [{ path, message: expect.stringMatching(message) as unknown }],
    ];
    expect(await created({})).toEqual(problem('nodes[0].config', /nobody could sign its calls: name the credential/));
    const path = 'nodes[0].config.credentialId';
    expect(await created({ credentialId: basic })).toEqual(problem(path, /webhook.secret/));
    expect(await created({ credentialId: 'cred_none' })).toEqual(problem(path, /there is no credential/));
  });

  it('gets another URL, and keeps its secret and the calls that it has seen', async () => {
    const bell = await bellWith({ door: 'front' });
    const text = ringing('seen');
    const signed = signature(text, millrace.app.get(WebhookSecrets, { strict: false }).of(bell.webhook.id)[0]);
    expect((await post(bell, text, signed)).status).toBe(200);
    const json = { graceMs: HOUR_MS };
    const { status, body } = await api.send('POST', `/v1/webhooks/${bell.webhook.id}/rotate`, { json });
    expect(status).toBe(200);
    const rotated = body as WebhookView;
    expect(rotated).toMatchObject({ id: bell.webhook.id, type: 'trigger.bell', method: 'POST' });
    const path = new URL(rotated.url).pathname;
    expect(path).not.toBe(bell.path);
    for (const url of [path, bell.path]) expect((await post({ path: url }, text, signed)).status).toBe(200);
    expect((await ledger(bell, 3)).map(({ outcome }) => outcome)).toEqual(['answered', 'answered', 'accepted']);
  });

  it('has its calls sent again, as long as a trigger of the same type is there', async () => {
    const bell = await bellWith();
    await post(bell, ringing('again'));
    const [delivery] = await ledger(bell, 1);
    const redeliver = () => api.send('POST', `/v1/deliveries/${delivery?.id}/redeliver`);
    const { status, body } = await redeliver();
    expect(status).toBe(202);
    const again = await api.ended((body as { executionId: string }).executionId);
    expect(again).toMatchObject({
      trigger: { type: 'trigger.bell', nodeId: 'bell' },
      input: { body: { rang: 'twice', bell: null } },
      redeliveryOf: delivery?.executionId,
    });
    expect((await ledger(bell, 2)).map(({ redeliveryOf }) => redeliveryOf)).toEqual([delivery?.executionId, null]);
    const many = await api.send('POST', `/v1/webhooks/${bell.webhook.id}/redeliver`, {
      json: { deliveryIds: [delivery?.id] },
    });
    expect(many.body).toMatchObject({
      items: [{ deliveryId: delivery?.id, executionId: expect.any(String) as unknown }],
    });

    const { headers } = await api.send('GET', `/v1/workflows/${bell.workflowId}`);
    const json = { name: 'Behind a webhook', nodes: [{ id: 'bell', type: 'trigger.webhook', config: {} }] };
    await api.send('PUT', `/v1/workflows/${bell.workflowId}`, {
      json,
      headers: { 'if-match': headers.get('etag') ?? '' },
    });
    expect((await api.send('POST', `/v1/workflows/${bell.workflowId}/activate`)).status).toBe(200);
    expect(codeOf(await redeliver())).toEqual([409, 'WEBHOOK_INACTIVE']);
    expect(await ledger(bell, 3)).toHaveLength(3);
  });

  it('has its calls sent to another workflow that did not take them then', async () => {
    const bell = await bellWith();
    await post(bell, ringing('before'));
    await ledger(bell, 1);
    const later = await bellWith({ credentialId }, [{ id: 'more', type: 'noop', config: {} }]);
    const from = new Date(Date.now() - HOUR_MS).toISOString();
    const { status } = await api.send('POST', `/v1/workflows/${later.workflowId}/backfill`, {
      json: { webhookId: bell.webhook.id, from },
    });
    expect(status).toBe(202);
    expect(await api.ended(await started(later))).toMatchObject({
      trigger: { type: 'backfill', nodeId: 'bell' },
      input: { body: { rang: 'twice', bell: null } },
    });
  });

  it('that another version of Millrace made starts nothing here, and is asked to come again', async () => {
    const token = 'made-by-another-version';
    const bell = await bellWith();
    const { app } = millrace;
    const routes = app.get(RouteTable, { strict: false });
    const route = routes.find(bell.path.split('/').at(-1) ?? '')!;
    const text = ringing();
    const sources: NonNullable<Route['source']>[] = [
      { type: 'trigger.bell@2', config: {} },
      { type: 'trigger.bell', config: { rings: 2 } },
    ];
    for (const source of sources) {
      const bucket = app.get(RouteBucket, { strict: false });
      await bucket.bring([token], new Map([[token, { ...route, source }]]), Date.now());
      const isHere = () => JSON.stringify(routes.find(token)?.source) === JSON.stringify(source);
      expect(await routes.waitUntil(isHere, 10_000)).toBe(true);
      const path = `/hooks/${token}`;
      expect(codeOf(await call(millrace.url, 'POST', path, { text }))).toEqual([401, 'SIGNATURE_MISSING']);
      const reply = await post({ path }, text);
      expect(codeOf(reply)).toEqual([503, 'TRIGGER_UNKNOWN']);
      expect(reply.headers.get('retry-after')).toBe('30');
    }
    expect(await executionsOf(bell)).toEqual([]);
  });

  it('goes on while Postgres is away, and refuses what the log does not take', async () => {
    const bell = await bellWith();
    expect((await post(bell, ringing('a'))).status).toBe(200);
    await postgres.kill();
    expect((await post(bell, ringing('b'))).status).toBe(200);
    await postgres.restart();
    await millrace.nats.kill();
    const refused = await until('it is refused', async () => {
      const reply = await post(bell, ringing('c'));
      return reply.status === 503 ? reply : undefined;
    });
    expect(codeOf(refused)).toEqual([503, 'LOG_UNAVAILABLE']);
    expect((await post(bell, '{"hello":"you"}')).status).toBe(201);
    await millrace.nats.start();
    await until('it is taken', async () => ((await post(bell, ringing('c'))).status === 200 ? true : undefined));
    await until('all are there', async () => ((await executionsOf(bell)).length === 3 ? true : undefined));
  }, 60_000);
});

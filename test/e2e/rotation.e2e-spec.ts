import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { JetStreamConnection } from '#libs/jetstream';
import type { WebhookView } from '../../src/workflows/webhook-view.ts';
import { Api, call, type Reply } from '../support/api.ts';
import { hookGraph } from '../support/hook-graph.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;
const codeOf = ({ status, body }: Reply) => [status, (body as { code?: string }).code];
const tokenOf = ({ url }: WebhookView): string => url.split('/').at(-1) ?? '';

describe('the URL of a webhook', () => {
  let millrace: LocalMillrace;
  let connection: JetStreamConnection;
  let manager: JetStreamManager;
  let api: Api;
  beforeAll(async () => {
    millrace = await startMillrace();
    connection = await JetStreamConnection.open({ servers: [millrace.nats.url], name: 'rotation spec' });
    manager = await jetstreamManager(connection.client);
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await millrace[Symbol.asyncDispose]();
  });

  const shown = async (workflowId: string): Promise<WebhookView> => {
    const { body } = await api.send('GET', `/v1/workflows/${workflowId}/webhooks`);
    return (body as { items: [WebhookView] }).items[0];
  };
  const activated = async (config: object = {}) => {
    const { id: workflowId } = await api.activate(hookGraph(config));
    return { workflowId, webhook: await shown(workflowId) };
  };
  const rotate = async ({ id }: WebhookView, json?: object): Promise<WebhookView> => {
    const { status, body } = await api.send('POST', `/v1/webhooks/${id}/rotate`, json ? { json } : {});
    expect(status).toBe(200);
    return body as WebhookView;
  };
  const statusAt = async (webhook: WebhookView): Promise<number> =>
    (await call(millrace.url, 'POST', new URL(webhook.url).pathname, { json: {} })).status;
  const entryOf = (webhook: WebhookView) =>
    manager.streams.getMessage('KV_routes', { last_by_subj: `$KV.routes.${tokenOf(webhook)}` });

  it('is another one at once, and the one of before works no more', async () => {
    const { workflowId, webhook } = await activated();
    const rotated = await rotate(webhook);
    expect(rotated.url).not.toBe(webhook.url);
    expect(rotated).toEqual({ ...webhook, url: rotated.url });
    expect(Buffer.from(tokenOf(rotated), 'base64url')).toHaveLength(18);
    expect([await statusAt(rotated), await statusAt(webhook)]).toEqual([202, 404]);
    expect(await shown(workflowId)).toEqual(rotated);
    const again = await rotate(rotated, { graceMs: 0 });
    expect([await statusAt(again), await statusAt(rotated), await statusAt(webhook)]).toEqual([202, 404, 404]);
  });

  it('leaves the one of before a time of grace, after which it stops by itself', async () => {
    const { workflowId, webhook } = await activated();
    const rotated = await rotate(webhook, { graceMs: 1_500 });
    expect(rotated.previousUrlUntil).toEqual(expect.any(String));
    await until('the old one stops', async () => ((await statusAt(webhook)) === 404 ? true : undefined));
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(rotated.previousUrlUntil ?? ''));
    expect(await statusAt(rotated)).toBe(202);
    expect(await shown(workflowId)).not.toHaveProperty('previousUrlUntil');
    await until('its entry has gone', async () => ((await entryOf(webhook)) === null ? true : undefined));
  });

  it('leads to the same webhook while both work', async () => {
    const { workflowId, webhook } = await activated({ dedupe: { key: 'same', windowMs: 60_000 } });
    const rotated = await rotate(webhook, { graceMs: HOUR_MS });
    expect(await statusAt(webhook)).toBe(202);
    expect(await statusAt(rotated)).toBe(409);
    expect(await shown(workflowId)).toEqual(rotated);
    const reasons = await until('both are in the ledger', async () => {
      const { body } = await api.send('GET', `/v1/webhooks/${webhook.id}/deliveries`);
      const found = (body as { items: { reason: string | null }[] }).items.map(({ reason }) => reason);
      return found.includes('DUPLICATE_CALL') && found.includes(null) ? found : undefined;
    });
    expect(reasons).toContain('DUPLICATE_CALL');
  });

  it('has its time of grace through activations', async () => {
    const { workflowId, webhook } = await activated();
    const rotated = await rotate(webhook, { graceMs: HOUR_MS });
    await api.send('POST', `/v1/workflows/${workflowId}/deactivate`);
    expect([await statusAt(rotated), await statusAt(webhook)]).toEqual([404, 404]);
    await api.send('POST', `/v1/workflows/${workflowId}/activate`);
    expect([await statusAt(rotated), await statusAt(webhook)]).toEqual([202, 202]);
    const ttl = (await entryOf(webhook))?.header.get('Nats-TTL') ?? '';
    expect(ttl).toMatch(/^(3600|35\d\d)s$/);
  });

  it('is the only one that works when it was rotated without grace, whatever was promised before', async () => {
    const { webhook } = await activated();
    const second = await rotate(webhook, { graceMs: HOUR_MS });
    const third = await rotate(second, { graceMs: HOUR_MS });
    expect(await Promise.all([webhook, second, third].map(statusAt))).toEqual([202, 202, 202]);
    const fourth = await rotate(third);
    expect(await Promise.all([webhook, second, third, fourth].map(statusAt))).toEqual([404, 404, 404, 202]);
  });

  it('does not come back when the routes are made anew from the histories', async () => {
    const kept = await activated();
    const rotatedKept = await rotate(kept.webhook, { graceMs: HOUR_MS });
    const over = await activated();
    const rotatedOver = await rotate(over.webhook, { graceMs: 1 });
    const revoked = await activated();
    const rotatedRevoked = await rotate(revoked.webhook);
    // The last that is made again of all that there is.
    const last = await activated();
    await manager.streams.purge('KV_routes');
    await manager.consumers.delete('WORKFLOWS', 'routes');
    await until('the last one is there again', async () => ((await entryOf(last.webhook)) ? true : undefined));
    for (const gone of [over.webhook, revoked.webhook]) expect(await entryOf(gone)).toBeNull();
    for (const there of [kept.webhook, rotatedKept, rotatedOver, rotatedRevoked])
      expect(await entryOf(there)).not.toBeNull();
    expect(await Promise.all([kept.webhook, over.webhook, revoked.webhook].map(statusAt))).toEqual([202, 404, 404]);
  });

  it('is rotated while nothing is active, and answers once something is', async () => {
    const workflowId = await api.create(hookGraph({}));
    const webhook = await shown(workflowId);
    const rotated = await rotate(webhook, { graceMs: HOUR_MS });
    expect(rotated.active).toBe(false);
    expect(await statusAt(rotated)).toBe(404);
    await api.send('POST', `/v1/workflows/${workflowId}/activate`);
    expect([await statusAt(rotated), await statusAt(webhook)]).toEqual([202, 202]);
  });

  it('is rotated by who may, where it is', async () => {
    const { workflowId, webhook } = await activated();
    const path = `/v1/webhooks/${webhook.id}/rotate`;
    const stranger = await Api.register(millrace.url);
    expect(codeOf(await stranger.send('POST', path))).toEqual([404, 'WEBHOOK_NOT_FOUND']);
    expect(codeOf(await call(millrace.url, 'POST', path))).toEqual([401, 'UNAUTHENTICATED']);
    for (const name of ['wh_none', 'none'])
      expect(codeOf(await api.send('POST', `/v1/webhooks/${name}/rotate`))).toEqual([404, 'WEBHOOK_NOT_FOUND']);
    for (const graceMs of [-1, 1.5, 2_592_000_001, '1'])
      expect(codeOf(await api.send('POST', path, { json: { graceMs } }))).toEqual([400, 'INVALID_REQUEST']);
    expect(await statusAt(webhook)).toBe(202);
    expect((await api.send('DELETE', `/v1/workflows/${workflowId}`)).status).toBe(204);
    expect(codeOf(await api.send('POST', path))).toEqual([404, 'WEBHOOK_NOT_FOUND']);
  });
});

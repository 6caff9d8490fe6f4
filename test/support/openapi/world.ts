import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { JsonValue } from '#libs/kernel';
import { MailLedger, MailLinks, mailKeyOf } from '#libs/mail-ledger';
import { deliveryIdOf } from '#libs/webhook-deliveries';
import { MEMBER_ROLES, type MemberRole } from '../../../src/platform/access/permissions.ts';
import { Api, call, type Reply } from '../api.ts';
import type { LocalMillrace } from '../installation.ts';
import { messageOf, sendMessage } from '../send-message.ts';
import { until } from '../until.ts';
import type { DocumentedOperation } from './document.ts';

const PASSWORD = 'correct horse battery';
/** So many things of a kind are remembered; older ones make room. */
const KEPT = 20;

/** A workflow that ends at once, and has a webhook. */
export const SMALL_WORKFLOW = {
  name: 'Small',
  nodes: [
    { id: 'call', type: 'trigger.webhook', config: {} },
    { id: 'start', type: 'trigger.manual', config: {} },
    { id: 'shape', type: 'set', config: { values: { seen: '{{ trigger.body }}' } } },
  ],
  connections: [
    { from: 'call', to: 'shape' },
    { from: 'start', to: 'shape' },
  ],
};

/** A workflow whose executions fail. */
const FAILING_WORKFLOW = {
  name: 'Failing',
  nodes: [
    { id: 'start', type: 'trigger.manual', config: {} },
    { id: 'shape', type: 'set', config: { values: { seen: '{{ trigger.body.no.such }}' } } },
  ],
  connections: [{ from: 'start', to: 'shape' }],
};
const DEAD_LETTERS = 5;

/** Words behind which each call names another thing: what is settled can be settled only once. */
const SETTLED_ONCE: ReadonlySet<string> = new Set(['dead-letters']);

/** A workspace with at least one of everything that a path of the API can name, and with a member of each role. */
export class World {
  readonly #known = new Map<string, string[]>();
  readonly #tokens = new Map<MemberRole, string>();
  /** By operation. */
  readonly #bodies: Readonly<Record<string, () => JsonValue | Promise<JsonValue>>> = {
    authLogIn: () => ({ email: this.account.email, password: PASSWORD }),
    authRefresh: async () => ({ refreshToken: (await this.#loggedIn()).refreshToken }),
    authRegister: () => ({ email: `${randomUUID()}@example.com`, password: PASSWORD }),
    emailTemplatesCreate: () => newTemplate(),
    emailTemplatesPublish: () => newTemplate(),
    openApiDocumentsCreate: () => newDocument(),
    openApiDocumentsPublish: () => newDocument(),
    continuingRetry: () => ({ from: 'start' }),
    steeringSignal: () => this.#approval(),
    resumeResume: () => this.#approval(),
    membersAdd: async () => ({ email: (await registered(this.base)).email, role: 'viewer' }),
    // What is retried settles its dead letter, and others are to be discarded and redriven.
    bulkBegin: () => ({ action: 'cancel', filter: { nodeId: 'none' } }),
    bulkBackfill: () => ({ webhookId: this.named('webhooks').at(-1) ?? '', from: '2026-11-01T00:00:00.000Z' }),
    bulkBackfillSlots: () => ({ from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' }),
    webhookDeliveriesRedeliver: () => ({ deliveryIds: [this.named('deliveries').at(-1) ?? ''] }),
  };

  private constructor(
    readonly base: string,
    readonly account: Account,
    readonly owner: Api,
  ) {}

  static async create(millrace: Pick<LocalMillrace, 'url' | 'mailPort' | 'app'>): Promise<World> {
    const base = millrace.url;
    const account = await registered(base);
    const world = new World(base, account, Api.withToken(base, account.accessToken));
    world.#tokens.set('owner', account.accessToken);
    for (const role of MEMBER_ROLES) if (role !== 'owner') await world.#join(role);
    await world.#fill();
    // What follows leads to a provider, which is not here: test/e2e/oauth.e2e-spec.ts goes there.
    world.#add('oauth', 'generic');
    world.#add('start', 'a'.repeat(43));
    await world.#fillWithMail(millrace);
    // The newest: whoever is removed first is nobody whose token is needed.
    await world.#admit((await registered(base)).email, 'viewer');
    return world;
  }

  tokenOf(role: MemberRole): string {
    return this.#tokens.get(role) ?? '';
  }

  /** What the parameter behind this word of a path may be, e.g. behind `workflows`; the newest last. */
  named(word: string): readonly string[] {
    const known = this.#known.get(word);
    if (!known) throw new Error(`the test world has nothing for a path parameter behind "${word}": teach it`);
    if (!SETTLED_ONCE.has(word)) return known;
    const [first = '', ...others] = known;
    this.#known.set(word, [...others, first]);
    return known;
  }

  /** The path with each parameter naming something that is there. */
  pathOf(template: string): string {
    return filledPath(template, (word) => this.named(word).at(-1) ?? '');
  }

  /** A body that does what the operation is for, where the documented example names what is not there. */
  async bodyFor({ id, body }: DocumentedOperation): Promise<JsonValue | undefined> {
    return (await this.#bodies[id]?.()) ?? body?.example;
  }

  async #approval(): Promise<JsonValue> {
    await this.#waitingExecution();
    return { approved: true };
  }

  async #loggedIn(): Promise<{ refreshToken: string }> {
    const { email } = this.account;
    const { body } = await call(this.base, 'POST', '/v1/auth/login', { json: { email, password: PASSWORD } });
    return body as { refreshToken: string };
  }

  /** Remembers what a POST to this path has made, so that other calls meet it. */
  remember(template: string, { body }: Reply): void {
    const word = template.split('/').at(-1) ?? '';
    const { id, executionId, name } = (body ?? {}) as Readonly<Record<string, unknown>>;
    const made = executionId ?? id ?? name;
    if (typeof made === 'string' && this.#known.has(word)) this.#add(word, made);
  }

  #add(word: string, id: string): void {
    const known = this.#known.get(word) ?? [];
    this.#known.set(word, [...known, id].slice(-KEPT));
  }

  /** A new account becomes a member, and logs into this workspace. */
  async #join(role: MemberRole): Promise<void> {
    const { email } = await registered(this.base);
    await this.#admit(email, role);
    const login = { email, password: PASSWORD, workspaceId: this.account.workspace.id };
    const { status, body } = await call(this.base, 'POST', '/v1/auth/login', { json: login });
    expect(status).toBe(200);
    this.#tokens.set(role, (body as { accessToken: string }).accessToken);
  }

  async #admit(email: string, role: MemberRole): Promise<void> {
    this.#add('members', String((await this.#made('/v1/members', { email, role })).userId));
  }

  async #fill(): Promise<void> {
    const id = await this.owner.create(SMALL_WORKFLOW);
    this.#add('workflows', id);
    this.#add('upgradable', await this.owner.create(SMALL_WORKFLOW));
    this.#add('hooks', (await this.#hook()).token);
    await this.#calledWebhook();
    for (const word of ['versions', 'diff']) this.#add(word, '1');
    this.#add('docs', 'swagger-ui.css');
    this.#add('node-types', 'http.request');
    // Of the installation; one that nobody here needs, as it will be paused.
    this.#add('queues', 'start.low');
    this.#add('projections', 'deadLetters');
    const { executionId } = await this.#made(`/v1/workflows/${id}/executions`, { input: { a: 1 } });
    this.#add('executions', String(executionId));
    this.#add('over', (await this.owner.ended(String(executionId))).id);
    this.#add(
      'bulk',
      String((await this.#made('/v1/executions/bulk', { action: 'cancel', filter: { nodeId: 'none' } })).id),
    );
    this.#add('signals', 'approved');
    this.#add('nodes', 'wait');
    await this.#waitingExecution();
    this.#add('api-keys', String((await this.#made('/v1/api-keys', { name: 'Spare', role: 'viewer' })).id));
    const credential = { name: 'Spare', type: 'http.bearer', data: { token: 'abc' } };
    this.#add('credentials', String((await this.#made('/v1/credentials', credential)).id));
    const unreachable = { name: 'Mail', type: 'smtp', data: { host: '127.0.0.1', port: 1, secure: false } };
    this.#add('checkable', String((await this.#made('/v1/credentials', unreachable)).id));
    this.#add('suppressions', String((await this.#made('/v1/suppressions', { address: 'spare@example.org' })).id));
    this.#add('email-templates', String((await this.#made('/v1/email-templates', newTemplate())).id));
    this.#add('openapi-documents', String((await this.#made('/v1/openapi-documents', newDocument())).id));
    this.#add('operations', 'getPet');
    this.#add('circuits', await this.#failingDestination());
    // Their names are ids within a workspace alone, and no other world may have this one.
    const variable = { name: `rate_${this.account.workspace.id.slice(-8)}`, value: 1 };
    this.#add('variables', String((await this.#made('/v1/variables', variable)).name));
    await this.#setAside();
    this.#add('schedules', await this.#schedule());
  }

  /** Of a workflow that nobody else hears of. Nothing is due in our time. */
  async #schedule(): Promise<string> {
    const nodes = [{ id: 'once', type: 'trigger.schedule', config: { at: '2999-01-01T00:00:00Z' } }];
    const workflowId = await this.owner.create({ name: 'Scheduled', nodes, connections: [] });
    expect((await this.owner.send('POST', `/v1/workflows/${workflowId}/activate`)).status).toBe(200);
    const { body } = await this.owner.send('GET', `/v1/schedules?workflowId=${workflowId}`);
    return (body as { items: [{ id: string }] }).items[0].id;
  }

  /** An address, an execution with a file, and a mail that can be unsubscribed from. */
  async #fillWithMail({ mailPort, app }: Pick<LocalMillrace, 'mailPort' | 'app'>): Promise<void> {
    const nodes = [{ id: 'in', type: 'trigger.email' }];
    const workflowId = await this.owner.create({ name: 'Mailed', nodes, connections: [] });
    expect((await this.owner.send('POST', `/v1/workflows/${workflowId}/activate`)).status).toBe(200);
    const { body } = await this.owner.send('GET', `/v1/workflows/${workflowId}/mail-addresses`);
    const { id, address } = (body as { items: [{ id: string; address: string }] }).items[0];
    this.#add('mail-addresses', id);
    const attachment = randomBytes(100);
    await sendMessage(mailPort, { to: [address], message: messageOf({ id: randomUUID(), attachment }) });
    const mailed = await until('a message has come', async () => {
      const { body } = await this.owner.send('GET', `/v1/executions?workflowId=${workflowId}`);
      return (body as { items: readonly { id: string }[] }).items[0]?.id;
    });
    this.#add('mailed', mailed);
    this.#add('files', createHash('sha256').update(attachment).digest('hex'));
    await this.#sentMail(app);
  }

  async #sentMail(app: LocalMillrace['app']): Promise<void> {
    const mailKey = mailKeyOf(randomUUID(), 'ann@example.org');
    await app.get(MailLedger, { strict: false }).append({
      ...{ mailKey, workspaceId: this.account.workspace.id, executionId: this.named('mailed')[0] ?? '' },
      ...{ nodeId: 'send', credentialId: 'cr_1', address: 'ann@example.org', topic: 'news', kind: 'sent' },
      ...{ at: '2026-11-29T10:00:00.000Z', attempt: 1, reason: null, replyCode: 250, status: null, text: null },
    });
    const url = app.get(MailLinks, { strict: false }).unsubscribeUrlOf(mailKey);
    this.#add('unsubscribe', mailKey);
    this.#add('{mailKey}', url.split('/').at(-1) ?? '');
  }

  /** Work that was given up, and a job that redrives none of it. */
  async #setAside(): Promise<void> {
    const id = await this.owner.create(FAILING_WORKFLOW);
    for (let n = 0; n < DEAD_LETTERS; n++) await this.#made(`/v1/workflows/${id}/executions`, { input: null });
    const letters = await until('work is set aside', async () => {
      const { body } = await this.owner.send('GET', `/v1/dead-letters?workflowId=${id}`);
      const { items } = body as { items: readonly { id: string }[] };
      return items.length === DEAD_LETTERS ? items : undefined;
    });
    for (const letter of letters) this.#add('dead-letters', letter.id);
    const none = { filter: { nodeId: 'none' } };
    this.#add('redrives', String((await this.#made('/v1/dead-letters/redrive', none)).id));
  }

  /** An execution that waits for a signal, and where it is resumed. */
  async #waitingExecution(): Promise<void> {
    const workflowId = await this.owner.create({
      name: 'Waits',
      nodes: [
        { id: 'start', type: 'trigger.manual' },
        { id: 'wait', type: 'wait.signal', config: { name: 'approved' } },
      ],
      connections: [{ from: 'start', to: 'wait' }],
    });
    const { executionId } = await this.#made(`/v1/workflows/${workflowId}/executions`, {});
    const url = await until('it waits', async () => {
      const { body } = await this.owner.send('GET', `/v1/executions/${String(executionId)}`);
      return (body as { waitingOn: { resumeUrl?: string } | null }).waitingOn?.resumeUrl;
    });
    this.#add('executions', String(executionId));
    const [execution = '', node = '', signature = ''] = new URL(url).pathname.split('/').slice(2);
    this.#add('resume', execution);
    this.#add('{executionId}', node);
    this.#add('{nodeId}', signature);
  }

  /** The key of a circuit that is open, at an address that is nobody else's and where nobody listens. */
  async #failingDestination(): Promise<string> {
    const host = `127.${[...randomBytes(3)].map((byte) => (byte % 254) + 1).join('.')}:1`;
    const retry = { maxAttempts: 10, backoff: 'fixed', initialMs: 1, jitter: false };
    const id = await this.owner.create({
      name: 'Fails',
      nodes: [
        { id: 'start', type: 'trigger.manual' },
        { id: 'call', type: 'http.request', config: { method: 'GET', url: `http://${host}/` }, retry },
      ],
      connections: [{ from: 'start', to: 'call' }],
    });
    const { executionId } = await this.#made(`/v1/workflows/${id}/executions`, {});
    await this.owner.ended(String(executionId));
    await until('its circuit is known', async () => {
      const { body } = await this.owner.send('GET', '/v1/circuits');
      return JSON.stringify(body).includes(host) ? true : undefined;
    });
    return host;
  }

  /** A webhook that may be rotated, and a delivery that may be sent again. */
  async #calledWebhook(): Promise<void> {
    const { workflowId, token } = await this.#hook();
    const { executionId } = await this.#made(`/hooks/${token}`, {});
    const { body } = await this.owner.send('GET', `/v1/workflows/${workflowId}/webhooks`);
    this.#add('webhooks', (body as { items: [{ id: string }] }).items[0].id);
    this.#add('deliveries', deliveryIdOf(String(executionId)));
  }

  /** Of a workflow that nobody else hears of, so that it stays. */
  async #hook(): Promise<{ readonly workflowId: string; readonly token: string }> {
    const [call, ...others] = SMALL_WORKFLOW.nodes;
    const method = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
    const workflowId = await this.owner.create({
      ...SMALL_WORKFLOW,
      nodes: [{ ...call, config: { method } }, ...others],
    });
    expect((await this.owner.send('POST', `/v1/workflows/${workflowId}/activate`)).status).toBe(200);
    return { workflowId, token: (await this.owner.hookOf(workflowId)).split('/').at(-1) ?? '' };
  }

  async #made(path: string, json: object): Promise<Record<string, unknown>> {
    const { status, body } = await this.owner.send('POST', path, { json });
    expect([201, 202]).toContain(status);
    return body as Record<string, unknown>;
  }
}

/** `/v1/workflows/{id}` with what `valueFor('workflows')` gives in place of `{id}`. */
export function filledPath(template: string, valueFor: (word: string) => string): string {
  const parts = template.split('/');
  return parts
    .map((part, place) => (part.startsWith('{') ? encodeURIComponent(valueFor(wordBefore(parts, place))) : part))
    .join('/');
}

/** What is retried must be over, which not every execution is, few have files, and what is upgraded is at its first version. */
function wordBefore(parts: readonly string[], place: number): string {
  const word = parts[place - 1] ?? '';
  const last = parts.at(-1);
  if (last === 'upgrade') return 'upgradable';
  if (word === 'credentials') return last === 'check' ? 'checkable' : word;
  if (word !== 'executions') return word;
  if (parts.includes('files')) return 'mailed';
  return last === 'retry' ? 'over' : word;
}

/** With a name that no other has. */
function newTemplate(): {
  readonly name: string;
  readonly subject: string;
  readonly format: string;
  readonly source: string;
} {
  return { name: `Template ${randomUUID()}`, subject: 'Order {{ no }}', format: 'html', source: '<p>{{ name }}</p>' };
}

/** With a name that no other has. */
function newDocument(): { readonly name: string; readonly document: JsonValue } {
  const paths = { '/pets': { get: { operationId: 'getPet' } } };
  return {
    name: `Document ${randomUUID()}`,
    document: { openapi: '3.1.0', info: { title: 'Pets', version: '1' }, paths },
  };
}

interface Account {
  readonly email: string;
  readonly accessToken: string;
  readonly workspace: { readonly id: string };
}

async function registered(base: string): Promise<Account> {
  const email = `${randomUUID()}@example.com`;
  const { status, body } = await call(base, 'POST', '/v1/auth/register', { json: { email, password: PASSWORD } });
  expect(status).toBe(201);
  return { ...(body as Omit<Account, 'email'>), email };
}

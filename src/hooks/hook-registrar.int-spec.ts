import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { createCommitCodec, JetStreamEventStore, workflowLog } from '#libs/event-store-jetstream';
import type { FoundCredential } from '#libs/execution-runtime';
import { HookStore, stateOf } from '#libs/hook-registrations';
import { HookService, serviceTriggers, TRIGGER } from '#libs/hook-registrations/testing';
import { JetStreamConnection, JetStreamPublisher, reconcileConsumer, reconcileStream } from '#libs/jetstream';
import { deleteStream, TcpProxy, until } from '#libs/jetstream/testing';
import { workflowEventSchema, type WorkflowEvent } from '#libs/workflow-definition';
import { startTestNats, type TestNats } from '../../test/support/servers.ts';
import { parseConfig } from '../config/config.ts';
import { AnnouncedCredentialChanges } from '../credentials/announced-credential-changes.ts';
import { createLogger } from '../platform/logging/logger.ts';
import type { WorkflowLog } from '../platform/nats/tokens.ts';
import { createRootKeys } from '../platform/root-keys.ts';
import { WebhookSecrets } from '../webhooks/webhook-secrets.ts';
import { HookMetrics } from './hook-metrics.ts';
import { HookRegistrar } from './hook-registrar.service.ts';
import { HOOKS_CONSUMER } from './hooks-consumer.ts';

const AT = '2026-11-29T10:00:00.000Z';
const PUBLIC_URL = 'https://m.example.com';
const SECRETS = new WebhookSecrets(createRootKeys([new Uint8Array(32).fill(1)]));

describe('hooks at a service', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let store: HookStore;
  let log: WorkflowLog;
  let service: HookService;
  let workflows = 0;
  let workflowId: string;
  let webhookId: string;
  let credential: FoundCredential;
  const clock = { now: Date.parse(AT), nowMs: (): number => clock.now };

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'hooks spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    for (const name of ['WORKFLOWS', 'KV_hooks']) await deleteStream(manager, name);
    log = logOver(connection, publisher);
    for (const stream of log.layout.streams) await reconcileStream(manager, stream);
    await reconcileConsumer(manager, 'WORKFLOWS', HOOKS_CONSUMER);
    store = await HookStore.open(connection, publisher, 1);
    service = await HookService.start();
    credential = withToken('token');
    workflows++;
    workflowId = `wf_${workflows}`;
    webhookId = `wh_${workflows}`;
  });
  afterEach(() => service[Symbol.asyncDispose]());

  function logOver(by: JetStreamConnection, over: JetStreamPublisher): WorkflowLog {
    const parts = { layout: workflowLog(1), codec: createCommitCodec(workflowEventSchema) };
    return { ...parts, store: new JetStreamEventStore({ ...parts, connection: by, publisher: over }) };
  }

  const withToken = (token: string): FoundCredential => ({
    kind: 'foundOfConnector',
    credential: { id: 'cr_1', type: 'test.token', data: { token }, allowedHosts: [], secrets: [token] },
  });

  /** A worker, with a connection of its own. */
  async function startWorker(port = nats.port, { publicUrl = PUBLIC_URL, secrets = SECRETS } = {}): Promise<Worker> {
    const own = await JetStreamConnection.open({ servers: [`127.0.0.1:${port}`], name: 'hooks worker' });
    const ownPublisher = new JetStreamPublisher(own);
    const lines: string[] = [];
    const registry = new Registry();
    const found = (): Promise<FoundCredential> => Promise.resolve(credential);
    const registrar = new HookRegistrar(
      await HookStore.open(own, ownPublisher, 1),
      { find: found, renew: found },
      new AnnouncedCredentialChanges(own),
      secrets,
      new HookMetrics(registry),
      createLogger({ level: 'info', pretty: false, destination: { write: (line) => void lines.push(line) } }),
      serviceTriggers(() => service.url),
      logOver(own, ownPublisher),
      await jetstreamManager(own.client),
      parseConfig({ PUBLIC_URL: publicUrl }),
      clock,
    );
    await registrar.onApplicationBootstrap();
    return {
      lines,
      metrics: () => registry.metrics(),
      [Symbol.asyncDispose]: async () => {
        await registrar.onModuleDestroy();
        await ownPublisher[Symbol.asyncDispose]();
        await own[Symbol.asyncDispose]();
      },
    };
  }

  async function append(events: readonly WorkflowEvent[], id = workflowId): Promise<void> {
    const last = await log.store.readLast(id, { fresh: true });
    const firstVersion = last ? last.firstVersion + last.events.length : 1;
    const commit = { id: randomUUID(), aggregateId: id, firstVersion, at: AT, events };
    await log.store.append(commit, last?.sequence ?? 0);
  }

  const published = (version: number, config: object, endpoint = { id: webhookId, token: 'token' }): WorkflowEvent => ({
    type: 'WorkflowVersionPublished',
    data: {
      version,
      definition: {
        name: 'Pushes',
        nodes: [{ id: 'in', type: TRIGGER, config: { credentialId: 'cr_1', repository: 'shop', ...config } }],
        connections: [],
        settings: { priority: 'normal' },
      },
      newEndpoints: version === 1 ? [{ webhookId: endpoint.id, nodeId: 'in', token: endpoint.token }] : [],
    },
  });
  const created: WorkflowEvent = { type: 'WorkflowCreated', data: { workspaceId: 'ws_1' } };
  const activated = (version = 1): WorkflowEvent => ({ type: 'WorkflowActivated', data: { version } });
  const deactivated: WorkflowEvent = { type: 'WorkflowDeactivated', data: {} };
  const activate = (): Promise<void> => append([created, published(1, {}), activated()]);

  const hooks = async () => (await store.ofWorkflow(workflowId)).flatMap((entry) => entry.hooks);
  const states = async (): Promise<string[]> => (await hooks()).map(stateOf);
  const untilStates = (...wanted: readonly string[]): Promise<void> =>
    until(`the hooks are ${wanted.join(', ')}`, async () => (await states()).join() === wanted.join());
  const urlOf = (token: string): string => `${PUBLIC_URL}/hooks/${token}`;

  it('are registered once, with a secret, though two workers run, and removed when the workflow is not active', async () => {
    await using _one = await startWorker();
    await using _other = await startWorker();
    const all = Array.from({ length: 20 }, (_, n) => ({ id: `wf_many_${n}`, webhookId: `wh_many_${n}` }));
    await Promise.all(
      all.map((one) => append([created, published(1, {}, { id: one.webhookId, token: one.id }), activated()], one.id)),
    );
    const areAll = (state: string) => async (): Promise<boolean> => {
      const entries = await Promise.all(all.map(({ id }) => store.ofWorkflow(id)));
      return entries.every(([entry]) => entry?.hooks.map(stateOf).join() === state);
    };
    await until('all are registered', areAll('registered'));
    expect(service.calls).toEqual(all.map(() => 'POST'));
    const [first] = service.hooks.values();
    const [secret] = SECRETS.of(`wh_many_${first?.url.split('_').at(-1)}`);
    expect(first).toMatchObject({ repository: 'shop', secret });
    await Promise.all(all.map(({ id }) => append([deactivated], id)));
    await until('all are removed', areAll('removed'));
    expect(service.hooks.size).toBe(0);
    expect(service.calls).toHaveLength(40);
  });

  it('follow the active version, its target, and its archive', async () => {
    await using _ = await startWorker();
    await activate();
    await untilStates('registered');
    await append([published(2, { repository: 'other' }), activated(2)]);
    await untilStates('removed', 'registered');
    expect([...service.hooks.values()].map(({ repository }) => repository)).toEqual(['other']);
    await append([published(3, { byHand: true }), activated(3)]);
    await untilStates('removed', 'removed');
    await append([activated(1)]);
    await untilStates('registered', 'removed');
    await append([{ type: 'WorkflowArchived', data: {} }]);
    await untilStates('removed', 'removed');
    expect(service.hooks.size).toBe(0);
  });

  it('are registered at a new URL before they are removed at the old one', async () => {
    await using _ = await startWorker();
    await activate();
    await untilStates('registered');
    await append([{ type: 'WebhookRotated', data: { webhookId, token: 'rotated' } }]);
    await untilStates('removed', 'registered');
    expect(service.calls).toEqual(['POST', 'POST', 'DELETE hook-1']);
    expect(service.urls).toEqual([urlOf('rotated')]);
  });

  it('follow the URL by which the installation is reached', async () => {
    await using before = await startWorker();
    await activate();
    await untilStates('registered');
    await before[Symbol.asyncDispose]();
    await using _ = await startWorker(nats.port, { publicUrl: 'https://new.example.com' });
    await untilStates('removed', 'registered');
    expect(service.urls).toEqual(['https://new.example.com/hooks/token']);
  });

  it('sign with the root key that is current, and it is told when none signs with an older one', async () => {
    await using before = await startWorker();
    await activate();
    await untilStates('registered');
    await before[Symbol.asyncDispose]();
    const { calls } = service;
    const secrets = new WebhookSecrets(createRootKeys([new Uint8Array(32).fill(2), new Uint8Array(32).fill(1)]));
    await using rotated = await startWorker(nats.port, { secrets });
    const [secret] = secrets.of(webhookId);
    await until('it has the new secret', () => [...service.hooks.values()].some((hook) => hook.secret === secret));
    await untilStates('registered');
    expect([...service.hooks.keys()]).toEqual(['hook-1']);
    expect(calls).toEqual(['POST', 'POST']);
    expect(rotated.lines.join()).toContain('"left":1');
    await rotated[Symbol.asyncDispose]();
    await using again = await startWorker(nats.port, { secrets });
    await until('it is told', () => again.lines.join().includes('no registered hook signs with an older root key'));
    expect(calls).toHaveLength(2);
  });

  it('whose new secret is refused keep the one that they have', async () => {
    await using before = await startWorker();
    await activate();
    await untilStates('registered');
    await before[Symbol.asyncDispose]();
    service.refusal = { status: 403 };
    const secrets = new WebhookSecrets(createRootKeys([new Uint8Array(32).fill(2), new Uint8Array(32).fill(1)]));
    await using _ = await startWorker(nats.port, { secrets });
    await untilStates('failing');
    const [, earlier] = secrets.of(webhookId);
    expect([...service.hooks.values()]).toMatchObject([{ id: 'hook-1', secret: earlier }]);
    // Another worker that starts does not ask sooner for that.
    await using other = await startWorker(nats.port, { secrets });
    await until('it has looked', () => other.lines.join().includes('"left":1'));
    await other[Symbol.asyncDispose]();
    expect(service.calls).toEqual(['POST', 'POST']);
  });

  it('that a worker asked for and died before it knew are found by the next one, and none is left', async () => {
    const proxy = await TcpProxy.start(nats.port);
    const letGo = service.hold();
    const dying = await startWorker(proxy.port);
    await activate();
    await until('the service has made it', () => service.hooks.size === 1);
    proxy.cut({ refusing: true });
    letGo();
    await append([deactivated]);
    clock.now += 90_000;
    await using _ = await startWorker();
    await untilStates('removed');
    expect(service.calls).toEqual(['POST', 'POST', 'DELETE hook-1']);
    expect(service.hooks.size).toBe(0);
    proxy.admit();
    await dying[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    expect(await states()).toEqual(['removed']);
  });

  it('are told to others at once by a worker that ends in good order', async () => {
    const letGo = service.hold();
    const ending = await startWorker();
    await activate();
    await until('the service is asked', () => service.calls.length === 1);
    await using _ = await startWorker();
    await ending[Symbol.asyncDispose]();
    letGo();
    await untilStates('registered');
    expect(service.urls).toEqual([urlOf('token')]);
  });

  it('come when a service that was away is back, and hold up nobody meanwhile', async () => {
    await using worker = await startWorker();
    service.refusal = { status: 503 };
    await activate();
    await untilStates('failing');
    expect(await hooks()).toMatchObject([{ failure: { code: 'SERVICE_503', attempts: 1 } }]);
    expect(await worker.metrics()).toContain('millrace_hooks{state="failing"} 1');
    service.refusal = undefined;
    const other = { id: 'wh_other', token: 'other' };
    await append([created, published(1, {}, other), activated()], 'wf_other');
    await until('another one is there', () => service.urls.includes(urlOf('other')));
    expect(await states()).toEqual(['failing']);
    clock.now += 5_000;
    await untilStates('registered');
  });

  it('whose services do not answer leave room for those of other workspaces', async () => {
    await using _ = await startWorker();
    const letGo = service.hold();
    for (let n = 0; n < 6; n++)
      await append([created, published(1, {}, { id: `wh_slow_${n}`, token: `slow${n}` }), activated()], `wf_slow_${n}`);
    await until('as many are asked for as may', () => service.calls.length === 4);
    const elsewhere: WorkflowEvent = { type: 'WorkflowCreated', data: { workspaceId: 'ws_2' } };
    await append([elsewhere, published(1, {}), activated()]);
    await until('another workspace has its turn', () => service.urls.includes(urlOf('token')));
    expect(service.calls).toHaveLength(5);
    letGo();
    await until('all are there', () => service.hooks.size === 7);
  });

  it('that are refused wait for their credential, and for nobody else', async () => {
    await using worker = await startWorker();
    credential = withToken('canary-9d1f');
    await activate();
    await untilStates('failing');
    expect(await hooks()).toMatchObject([
      { failure: { code: 'SERVICE_403', message: '[redacted] is refused', againAt: null } },
    ]);
    credential = { kind: 'disconnected', why: 'it was revoked', sinceMs: 0 };
    const changes = new AnnouncedCredentialChanges(connection);
    changes.announce('ws_2', 'cr_1');
    changes.announce('ws_1', 'cr_2');
    changes.announce('ws_1', 'cr_1');
    const codes = async () => (await hooks()).map(({ failure }) => failure?.code);
    await until('it is tried', async () => (await codes()).join() === 'CREDENTIAL_DISCONNECTED');
    expect(service.calls).toEqual(['POST']);
    credential = withToken('token');
    changes.announce('ws_1', 'cr_1');
    await untilStates('registered');
    expect(worker.lines.join()).not.toContain('canary-9d1f');
  });

  it('that can not be removed are given up, with the reason', async () => {
    await using _ = await startWorker();
    await activate();
    await untilStates('registered');
    credential = { kind: 'absent' };
    await append([deactivated]);
    await untilStates('removing');
    for (let attempts = 1; attempts < 5; attempts++) {
      await until('it was tried', async () => (await hooks())[0]?.failure?.attempts === attempts);
      expect(await states()).toEqual(['removing']);
      // As if its time had come: nobody waits for the pauses of hours.
      await hurry();
    }
    await untilStates('removed');
    expect(await hooks()).toMatchObject([{ failure: { code: 'CREDENTIAL_NOT_FOUND', attempts: 5 } }]);
  });

  const hurry = async (): Promise<void> => {
    await store.change({ workflowId, webhookId }, (entry) => {
      const due = entry?.hooks.map((hook) =>
        hook.failure ? { ...hook, failure: { ...hook.failure, againAt: AT } } : hook,
      );
      return entry && due && { ...entry, hooks: due };
    });
  };

  it('of a node type that this version does not have stay as they are', async () => {
    await using before = await startWorker();
    await activate();
    await untilStates('registered');
    const [entry] = await store.ofWorkflow(workflowId);
    const { definition } = published(2, {}).data as { definition: { nodes: readonly object[] } };
    const nodes = definition.nodes.map((node) => ({ ...node, type: 'trigger.newer' }));
    const newer = { ...published(2, {}), data: { ...published(2, {}).data, definition: { ...definition, nodes } } };
    await append([newer as WorkflowEvent, activated(2)]);
    const { state } = await manager.streams.info('WORKFLOWS');
    await until('it was looked at', async () => {
      const { ack_floor } = await manager.consumers.info('WORKFLOWS', HOOKS_CONSUMER.durable_name);
      return ack_floor.stream_seq === state.last_seq;
    });
    await before[Symbol.asyncDispose]();
    expect(await store.ofWorkflow(workflowId)).toEqual([entry]);
  });
});

interface Worker extends AsyncDisposable {
  readonly lines: readonly string[];
  readonly metrics: () => Promise<string>;
}

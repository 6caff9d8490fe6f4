import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { WorkflowDefinition } from '#libs/workflow-definition';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { bringHooks, type ReadWorkflow } from './bring-hooks.ts';
import { stateOf } from './hook-state.ts';
import { HookStore } from './hook-store.ts';
import { serviceTriggers, TRIGGER } from './testing/index.ts';

const NODE_TYPES = serviceTriggers(() => 'http://127.0.0.1');
const ACTIVE: WorkflowDefinition = {
  name: 'Pushes',
  nodes: [{ id: 'in', type: TRIGGER, config: { credentialId: 'cr_1', repository: 'shop' } }],
  connections: [],
  settings: { priority: 'normal' },
};

describe('what is wanted of a workflow', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let store: HookStore;
  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'bring hooks' });
    publisher = new JetStreamPublisher(connection);
    store = await HookStore.open(connection, publisher, 1);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const at = (sequence: number, active?: WorkflowDefinition): ReadWorkflow => ({
    ...{ workspaceId: 'ws_1', active, sequence },
    endpoints: [{ webhookId: 'wh_1', nodeId: 'in', token: 'token' }],
  });
  /** As one process finds the history when it reads it again and again; the log has all of it. */
  const bring = (workflowId: string, seen: readonly ReadWorkflow[]): Promise<void> => {
    const reads = seen.values();
    return bringHooks(
      {
        ...{
          store,
          nodeTypes: NODE_TYPES,
          publicUrl: 'https://m.example.com',
          keyId: 'key-1',
          clock: { nowMs: () => 0 },
        },
        histories: {
          read: async () => reads.next().value ?? at(0),
          lastSequence: async () => seen.at(-1)?.sequence ?? 0,
        },
      },
      workflowId,
    );
  };
  const statesOf = async (workflowId: string) =>
    (await store.ofWorkflow(workflowId)).map(({ hooks }) => hooks.map(stateOf));

  it('is written once, whatever comes again', async () => {
    await bring('wf_once', [at(3, ACTIVE)]);
    const written = await store.read({ workflowId: 'wf_once', webhookId: 'wh_1' });
    await bring('wf_once', [at(3, ACTIVE)]);
    expect(await store.read({ workflowId: 'wf_once', webhookId: 'wh_1' })).toEqual(written);
    expect(await statesOf('wf_once')).toEqual([['pending']]);
  });

  it('is nothing of who reads an old history, once the log is seen to have gone on', async () => {
    await bring('wf_old', [at(3, ACTIVE), at(4)]);
    expect(await statesOf('wf_old')).toEqual([[]]);
    await bring('wf_never', [at(4)]);
    expect(await statesOf('wf_never')).toEqual([]);
  });

  it('is told to come again when it changes faster than it is read', async () => {
    const faster = Array.from({ length: 11 }, (_, sequence) => at(sequence + 1, ACTIVE));
    await expect(bring('wf_fast', faster)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('is changed by all who change it at once', async () => {
    await bring('wf_many', [at(3, ACTIVE)]);
    const place = { workflowId: 'wf_many', webhookId: 'wh_1' };
    const names = ['a', 'b', 'c', 'd'];
    await Promise.all(
      names.map((name) => store.change(place, (entry) => entry && { ...entry, nodeId: entry.nodeId + name })),
    );
    const { entry } = (await store.read(place)) ?? {};
    expect([...(entry?.nodeId ?? '')].toSorted().join('')).toBe('abcdin');
  });
});

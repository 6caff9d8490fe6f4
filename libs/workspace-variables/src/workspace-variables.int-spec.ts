import { jetstreamManager } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { JetStreamConnection } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { VariableBucket } from './variable-bucket.ts';
import { WorkspaceVariables } from './workspace-variables.ts';

const AT = '2026-11-23T10:00:00.000Z';

describe('WorkspaceVariables', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let count = 0;
  let workspace: string;
  const noFault = (error: unknown): void => expect(error).toBeUndefined();

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'variables spec' });
  });
  beforeEach(() => {
    workspace = `ws_${++count}`;
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  /** Another process, when it has a connection of its own. */
  async function openOn(through: JetStreamConnection): Promise<WorkspaceVariables> {
    const variables = new WorkspaceVariables(await VariableBucket.open(through, 1), noFault);
    await until('it follows', () => variables.isFollowing);
    return variables;
  }
  const set = (variables: WorkspaceVariables, name: string, value: number) =>
    variables.change(workspace, { kind: 'create', name, value }, AT);
  const put = (variables: WorkspaceVariables, name: string, value: number) =>
    variables.change(workspace, { kind: 'update', name, value }, AT);

  it('gives what is asked for and exists, and nothing when there is nothing', async () => {
    await using variables = await openOn(connection);
    expect(await variables.valuesFor(workspace, 'all')).toBeUndefined();
    await set(variables, 'a', 1);
    await set(variables, 'b', 2);
    expect(await variables.valuesFor(workspace, ['b', 'c'])).toEqual({ b: 2 });
    expect(await variables.valuesFor(workspace, 'all')).toEqual({ a: 1, b: 2 });
    expect(await variables.valuesFor(workspace, [])).toBeUndefined();
    expect(await variables.valuesFor(workspace, ['c'])).toBeUndefined();
    expect(await variables.valuesFor('ws_other', 'all')).toBeUndefined();
  });

  it('shows a change to who made it at once, and to others soon', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    await set(here, 'a', 0);
    await until('it hears', async () => (await there.valuesFor(workspace, ['a'])) !== undefined);
    for (let value = 1; value <= 20; value++) {
      await put(here, 'a', value);
      expect(await here.valuesFor(workspace, ['a'])).toEqual({ a: value });
      expect((await there.read(workspace))[0]).toMatchObject({ value });
      await until('it hears', async () => (await there.valuesFor(workspace, ['a']))?.['a'] === value);
    }
  });

  it.each(['before', 'after'])(
    'shows what another wrote later, heard %s the answer to its own write',
    async (order) => {
      await using there = await openOn(connection);
      const sentinel = `${workspace}_sentinel`;
      await there.change(sentinel, { kind: 'create', name: 's', value: 1 }, AT);
      await set(there, 'a', 0);
      let afterWrite = async (): Promise<void> => {};
      const bucket = await VariableBucket.open(connection, 1);
      const write = bucket.write.bind(bucket);
      bucket.write = async (...what) => {
        const revision = await write(...what);
        await afterWrite();
        return revision;
      };
      await using here = new WorkspaceVariables(bucket, noFault);
      await until('it follows', () => here.isFollowing);
      expect(await here.valuesFor(sentinel, 'all')).toEqual({ s: 1 });
      const later = async (): Promise<void> => {
        await put(there, 'a', 6);
        // Messages are heard in order, and what is in memory is dropped only by one.
        await there.change(sentinel, { kind: 'update', name: 's', value: 2 }, AT);
        await until('all is heard', async () => (await here.valuesFor(sentinel, 'all'))?.['s'] === 2);
      };
      if (order === 'before') afterWrite = later;
      await put(here, 'a', 5);
      if (order === 'after') await later();
      expect(await here.valuesFor(workspace, 'all')).toEqual({ a: 6 });
    },
  );

  it('answers from memory: a thousand starts ask the server once', async () => {
    await using variables = await openOn(connection);
    await set(variables, 'a', 1);
    await using fresh = await openOn(connection);
    const before = connection.client.stats().outMsgs;
    await Promise.all(Array.from({ length: 1000 }, () => fresh.valuesFor(workspace, ['a'])));
    for (let index = 0; index < 100; index++) await fresh.valuesFor(workspace, ['a']);
    expect(connection.client.stats().outMsgs - before).toBeLessThan(10);
  });

  it('loses no change, however many are made at once', async () => {
    await using here = await openOn(connection);
    await using there = await openOn(connection);
    await Promise.all(Array.from({ length: 6 }, (_, index) => set(index % 2 === 0 ? here : there, `v${index}`, index)));
    expect(await here.read(workspace)).toHaveLength(6);
    const same = await Promise.allSettled([set(here, 'same', 1), set(there, 'same', 2)]);
    expect(same.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('keeps nothing while it can not follow, and knows what changed meanwhile', async () => {
    const proxy = await TcpProxy.start(nats.port);
    const behind = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'behind the proxy' });
    {
      await using here = await openOn(connection);
      await using there = await openOn(behind);
      await set(here, 'a', 1);
      await until('it hears', async () => (await there.valuesFor(workspace, ['a']))?.['a'] === 1);
      proxy.cut({ refusing: true });
      await until('it is lost', () => !behind.connected);
      await expect(there.valuesFor(workspace, ['a'])).rejects.toBeInstanceOf(LogUnavailableError);
      await expect(put(there, 'a', 5)).rejects.toBeInstanceOf(LogUnavailableError);
      await put(here, 'a', 2);
      proxy.admit();
      await until('it is back', () => behind.connected);
      expect(await there.valuesFor(workspace, ['a'])).toEqual({ a: 2 });
      await until('it follows again', () => there.isFollowing);
      await put(here, 'a', 3);
      await until('it hears', async () => (await there.valuesFor(workspace, ['a']))?.['a'] === 3);
    }
    await behind[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  it('makes its stream once', async () => {
    await VariableBucket.open(connection, 1);
    const manager = await jetstreamManager(connection.client);
    expect((await manager.streams.info('KV_variables')).config).toMatchObject({ max_msgs_per_subject: 1 });
  });
});

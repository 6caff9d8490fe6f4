import {
  AckPolicy,
  DeliverPolicy,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { JetStreamConnection } from './connection.ts';
import { reconcileConsumer, reconcileStream, type DesiredConsumer, type DesiredStream } from './reconcile.ts';

describe('reconciling', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let manager: JetStreamManager;
  let name: string;
  let desired: DesiredStream;
  let count = 0;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'reconcile spec' });
    manager = await jetstreamManager(connection.client);
  });
  beforeEach(() => {
    name = `S${count++}`;
    desired = {
      name,
      subjects: [`${name}.a`, `${name}.b.*`],
      description: 'what it is for',
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      num_replicas: 1,
      allow_direct: true,
      duplicate_window: 60_000_000_000,
      republish: { src: `${name}.>`, dest: `live.${name}.>` },
    };
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const refused = (reason: RegExp): unknown =>
    expect.objectContaining({ code: 'LOG_CONFIGURATION_REFUSED', message: expect.stringMatching(reason) as unknown });

  describe('a stream', () => {
    it('is created, and then left as it is', async () => {
      const asked = structuredClone(desired);
      expect(await reconcileStream(manager, desired)).toEqual({ name, did: 'created', changed: [] });
      expect(desired).toStrictEqual(asked);
      const { config } = await manager.streams.info(name);
      expect(config).toMatchObject(desired);
      expect(await reconcileStream(manager, desired)).toEqual({ name, did: 'nothing', changed: [] });
      const otherOrder = { ...desired, subjects: desired.subjects.toReversed() };
      expect((await reconcileStream(manager, otherOrder)).did).toBe('nothing');
    });

    it('is created once when several processes start together', async () => {
      const all = await Promise.all(Array.from({ length: 5 }, () => reconcileStream(manager, desired)));
      expect(all.map(({ did }) => did)).toContain('created');
      expect((await reconcileStream(manager, desired)).did).toBe('nothing');
    });

    it('gets what differs, and keeps what was not asked about', async () => {
      await reconcileStream(manager, desired);
      await manager.streams.update(name, { ...desired, max_msgs: 1000 });
      const wanted = { ...desired, duplicate_window: 30_000_000_000, subjects: [...desired.subjects, `${name}.c`] };
      expect(await reconcileStream(manager, wanted)).toEqual({
        name,
        did: 'updated',
        changed: ['subjects', 'duplicate_window'],
      });
      const { config } = await manager.streams.info(name);
      expect(config).toMatchObject({ duplicate_window: 30_000_000_000, max_msgs: 1000, subjects: wanted.subjects });
    });

    it.each([
      ['another storage', { storage: StorageType.Memory }, /storage is "file", wanted "memory"/],
      ['another retention', { retention: RetentionPolicy.Workqueue }, /retention is "limits", wanted "workqueue"/],
    ])('is refused %s, with the reason', async (_what, change, reason) => {
      await reconcileStream(manager, desired);
      const before = (await manager.streams.info(name)).config;
      await expect(reconcileStream(manager, { ...desired, ...change })).rejects.toEqual(refused(reason));
      expect((await manager.streams.info(name)).config).toEqual(before);
    });

    it('keeps its subjects as long as it holds messages, as those would be lost to sight', async () => {
      await reconcileStream(manager, desired);
      const fewer = { ...desired, subjects: [`${name}.a`] };
      await connection.client.request(`${name}.b.1`, 'x');
      await expect(reconcileStream(manager, fewer)).rejects.toEqual(refused(/would give up its subjects .*\.b\.\*/));
      expect((await manager.streams.info(name)).config.subjects).toEqual(desired.subjects);
      await manager.streams.purge(name);
      expect((await reconcileStream(manager, fewer)).did).toBe('updated');
    });

    it('is refused subjects that another stream has', async () => {
      await reconcileStream(manager, desired);
      const other = { ...desired, name: `${name}-other` };
      await expect(reconcileStream(manager, other)).rejects.toEqual(refused(/overlap/));
    });
  });

  describe('a consumer', () => {
    const consumer: DesiredConsumer = {
      durable_name: 'worker',
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: 10_000_000_000,
      max_ack_pending: 100,
    };
    beforeEach(async () => {
      await reconcileStream(manager, desired);
    });

    it('is created, left as it is, and gets what differs', async () => {
      expect((await reconcileConsumer(manager, name, consumer)).did).toBe('created');
      expect((await reconcileConsumer(manager, name, consumer)).did).toBe('nothing');
      const wanted = { ...consumer, max_ack_pending: 200, filter_subject: `${name}.a` };
      expect(await reconcileConsumer(manager, name, wanted)).toEqual({
        name: 'worker',
        did: 'updated',
        changed: ['max_ack_pending', 'filter_subject'],
      });
      const { config } = await manager.consumers.info(name, 'worker');
      expect(config).toMatchObject({ max_ack_pending: 200, filter_subject: `${name}.a`, ack_wait: 10_000_000_000 });
    });

    it('is refused another place to start from, with the reason', async () => {
      await reconcileConsumer(manager, name, consumer);
      const wanted = { ...consumer, deliver_policy: DeliverPolicy.New };
      await expect(reconcileConsumer(manager, name, wanted)).rejects.toEqual(
        refused(/deliver_policy is "all", wanted "new".*deliver policy/),
      );
    });
  });
});

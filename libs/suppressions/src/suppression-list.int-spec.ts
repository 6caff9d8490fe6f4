import { jetstreamManager } from '@nats-io/jetstream';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { toInstant } from '#libs/kernel';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { until } from '../../../test/support/until.ts';
import { suppressionIdOf } from './suppression-id.ts';
import { SuppressionList, SUPPRESSION_STREAM, workspaceAndIdIn } from './suppression-list.ts';
import type { Suppression } from './suppression.ts';

const DAY_MS = 86_400_000;

describe('the list of suppressions', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let list: SuppressionList;
  const clock = { now: Date.now(), nowMs: (): number => clock.now };

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'suppressions spec' });
    publisher = new JetStreamPublisher(connection);
    list = await SuppressionList.open({ connection, publisher, clock, replicas: 1 });
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const entry = (address: string, more: Partial<Suppression> = {}): Omit<Suppression, 'id'> => ({
    workspaceId: 'ws_1',
    address,
    topic: null,
    reason: 'manual',
    detail: null,
    executionId: null,
    at: toInstant(clock.now),
    expiresAt: null,
    ...more,
  });
  const isAmong = async (address: string, topic: string | null = null, workspaceId = 'ws_1') =>
    (await list.among(workspaceId, [address], topic)).has(address);

  it('keeps mail from an address, in whatever case it is written, in its workspace alone', async () => {
    await list.add(entry('Ann@example.org'));
    expect(await isAmong('ann@EXAMPLE.org')).toBe(true);
    expect(await isAmong('ann@example.org', 'news')).toBe(true);
    expect(await isAmong('ann@example.org', null, 'ws_2')).toBe(false);
    expect(await isAmong('ben@example.org')).toBe(false);
  });

  it('keeps mail about a topic alone from who unsubscribed from it', async () => {
    await list.add(entry('topic@example.org', { topic: 'news', reason: 'unsubscribed' }));
    expect(await isAmong('topic@example.org', 'news')).toBe(true);
    expect(await isAmong('topic@example.org', 'offers')).toBe(false);
    expect(await isAmong('topic@example.org')).toBe(false);
  });

  it('lets go of what was taken from it, and of what has expired', async () => {
    const { suppression, sequence } = await list.add(entry('gone@example.org'));
    expect(await list.find('ws_1', suppression.id)).toEqual(suppression);
    expect(await list.remove('ws_2', suppression.id)).toBeUndefined();
    const removed = await list.remove('ws_1', suppression.id);
    expect(removed).toEqual({ suppression, sequence: expect.any(Number) as number });
    expect(removed?.sequence).toBeGreaterThan(sequence);
    expect(await isAmong('gone@example.org')).toBe(false);
    expect(await list.remove('ws_1', suppression.id)).toBeUndefined();

    const expiresAt = toInstant(clock.now + DAY_MS);
    await list.add(entry('soon@example.org', { expiresAt }));
    expect(await isAmong('soon@example.org')).toBe(true);
    const manager = await jetstreamManager(connection.client);
    const id = suppressionIdOf('ws_1', 'soon@example.org', null);
    const subject = `$KV.suppressions.ws_1.${id}`;
    const message = await manager.streams.getMessage(SUPPRESSION_STREAM, { last_by_subj: subject });
    expect(message?.header.get('Nats-TTL')).toBe('86400s');
    expect(workspaceAndIdIn(subject)).toEqual(['ws_1', id]);
    clock.now += DAY_MS;
    expect(await isAmong('soon@example.org')).toBe(false);
  });

  it('is never shortened by what lasts less long', async () => {
    const soon = { reason: 'softBounces', expiresAt: toInstant(clock.now + DAY_MS) } as const;
    await list.add(entry('longer@example.org', soon));
    const hard = await list.add(entry('longer@example.org', { reason: 'hardBounce' }));
    expect(hard.suppression).toMatchObject({ reason: 'hardBounce', expiresAt: null });
    expect(hard.isNew).toBe(true);
    expect(await list.add(entry('longer@example.org', soon))).toEqual({ ...hard, isNew: false });
  });

  it('leaves a mark of what expired, as of what was taken, for who follows it', async () => {
    const manager = await jetstreamManager(connection.client);
    const { config } = await manager.streams.info(SUPPRESSION_STREAM);
    expect(config.subject_delete_marker_ttl).toBe(30 * DAY_MS * 1e6);
    const { sequence } = await list.add(entry('mark@example.org', { expiresAt: toInstant(clock.now + 1) }));
    const id = suppressionIdOf('ws_1', 'mark@example.org', null);
    const mark = await until('the server has noticed', async () => {
      const message = await manager.streams.getMessage(SUPPRESSION_STREAM, {
        last_by_subj: `$KV.suppressions.ws_1.${id}`,
      });
      return message && message.seq > sequence ? message : undefined;
    });
    expect([mark.data.length, mark.header.get('Nats-Marker-Reason')]).toEqual([0, 'MaxAge']);
    const again = await list.add(entry('mark@example.org', { expiresAt: toInstant(clock.now + DAY_MS) }));
    expect(again).toMatchObject({ isNew: true });
  });

  it('takes what lasts for longer than the server can count', async () => {
    const added = await list.add(entry('ever@example.org', { expiresAt: '9999-12-31T23:59:59.999Z' }));
    expect(await list.find('ws_1', added.suppression.id)).toEqual(added.suppression);
  });

  it('counts soft bounces by mail, of several at once too', async () => {
    const count = (mailKey: string, workspaceId = 'ws_1', daysLater = 0): Promise<number> =>
      list.countSoft(workspaceId, 'soft@example.org', { mailKey, atMs: clock.now + daysLater * DAY_MS });
    expect(await Promise.all(Array.from({ length: 4 }, () => count('mail-1')))).toEqual([1, 1, 1, 1]);
    const counts = await Promise.all(['mail-2', 'mail-3', 'mail-4'].map((mailKey) => count(mailKey)));
    expect(counts.toSorted()).toEqual([2, 3, 3]);
    expect(await count('mail-1', 'ws_2')).toBe(1);
    expect(await count('mail-5', 'ws_2', 6)).toBe(2);
    expect(await count('mail-6', 'ws_2', 12)).toBe(2);
  });

  it('says that the log is away, and nothing else', async () => {
    await using broken = await JetStreamConnection.open({ servers: [nats.url], name: 'suppressions spec, away' });
    await using away = new JetStreamPublisher(broken);
    const other = await SuppressionList.open({ connection: broken, publisher: away, clock, replicas: 1 });
    await broken[Symbol.asyncDispose]();
    await expect(other.among('ws_1', ['a@b.test'], null)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await expect(other.add(entry('a@b.test'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  });
});

import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import { toInstant } from '#libs/kernel';
import { SuppressionList, SUPPRESSION_STREAM, type Suppression } from '#libs/suppressions';
import { createMigratedDatabase } from '../../../test/support/migrated-database.ts';
import { openDatabase } from '../../../test/support/projected-log.ts';
import { startTestNats, type TestDatabase, type TestNats } from '../../../test/support/servers.ts';
import { appliedSequence } from './checkpoint.ts';
import type { Database } from './database.ts';
import { StreamProjector } from './stream-projector.ts';
import { SuppressionProjection } from './suppression-projection.ts';
import { findSuppression, listSuppressions, type SuppressionQuery } from './suppression-table.ts';

const DAY_MS = 86_400_000;
const NASTY = 'NUL \u0000, half \ud83d a pair';

describe('the read model of suppressions', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let postgres: TestDatabase;
  let database: Database & AsyncDisposable;
  let list: SuppressionList;
  const failures: unknown[] = [];
  const clock = { now: Date.now(), nowMs: (): number => clock.now };

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'suppressions spec' });
    publisher = new JetStreamPublisher(connection);
    postgres = await createMigratedDatabase();
    database = openDatabase(postgres.url);
    list = await SuppressionList.open({ connection, publisher, clock, replicas: 1 });
  });
  beforeEach(() => {
    failures.length = 0;
  });
  afterEach(() => {
    expect(failures).toEqual([]);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const follow = (): StreamProjector => {
    const observer = {
      applied: () => {},
      failed: (_stream: string, error: unknown) => void failures.push(error),
      parked: (event: unknown) => void failures.push(event),
    };
    const projection = new SuppressionProjection(database);
    const projector = new StreamProjector({ connection, database, stream: SUPPRESSION_STREAM, projection, observer });
    projector.start();
    return projector;
  };
  const entry = (address: string, more: Partial<Suppression> = {}): Omit<Suppression, 'id'> => ({
    ...{ workspaceId: 'ws_1', address, topic: null, reason: 'manual', detail: null, executionId: null },
    ...{ at: toInstant(clock.now), expiresAt: null },
    ...more,
  });
  const applied = (sequence: number) =>
    until('it is applied', async () => (await appliedSequence(database, SUPPRESSION_STREAM)) >= sequence);
  const add = async (address: string, more: Partial<Suppression> = {}): Promise<Suppression> => {
    const { suppression, sequence } = await list.add(entry(address, more));
    await applied(sequence);
    return suppression;
  };
  const listed = async (workspaceId: string, query: Partial<SuppressionQuery> = {}): Promise<string[]> =>
    (await listSuppressions(database, { workspaceId, nowMs: clock.now, limit: 50, ...query })).map(
      (one) => one.address,
    );
  const find = (id: string, workspaceId = 'ws_1', nowMs = clock.now) =>
    findSuppression(database, { workspaceId, id, nowMs });

  it('has what the list has, word for word, and in one workspace alone', async () => {
    await using _projector = follow();
    const hard = { reason: 'hardBounce', detail: '550 no', executionId: 'ex_1' } as const;
    const ann = await add('Ann@example.org', hard);
    expect(await find(ann.id)).toEqual(ann);
    expect(await find(ann.id, 'ws_2')).toBeUndefined();
    const nasty = await add('nasty@example.org', { topic: NASTY, detail: NASTY });
    expect(await find(nasty.id)).toMatchObject({
      address: 'nasty@example.org',
      topic: 'NUL \ufffd, half \ufffd a pair',
    });
  });

  it('loses what was taken from the list, and what the server let go as its time was over', async () => {
    await using _projector = follow();
    const taken = await add('taken@example.org');
    const removed = await list.remove('ws_1', taken.id);
    await applied(removed?.sequence ?? Infinity);
    expect(await find(taken.id)).toBeUndefined();
    const brief = await add('brief@example.org', { expiresAt: toInstant(clock.now + 1_000) });
    expect(await find(brief.id)).toEqual(brief);
    await until('its row is gone', async () => (await find(brief.id)) === undefined);
    expect(await add('taken@example.org', { reason: 'complaint' })).toMatchObject({
      id: taken.id,
      reason: 'complaint',
    });
    expect(await find(taken.id)).toMatchObject({ reason: 'complaint' });
  });

  it('does not show what has expired, whether or not the server has noticed', async () => {
    await using _projector = follow();
    const expiresAt = toInstant(clock.now + DAY_MS);
    const { id } = await add('soon@example.org', { workspaceId: 'ws_soon', expiresAt });
    expect(await find(id, 'ws_soon', clock.now + DAY_MS - 1)).toMatchObject({ expiresAt });
    expect(await find(id, 'ws_soon', clock.now + DAY_MS)).toBeUndefined();
    expect(await listed('ws_soon', { nowMs: clock.now + DAY_MS - 1 })).toEqual(['soon@example.org']);
    expect(await listed('ws_soon', { nowMs: clock.now + DAY_MS })).toEqual([]);
  });

  it('is the newest of what was put under one address, also when both come together', async () => {
    const soon = { workspaceId: 'ws_twice', reason: 'softBounces', expiresAt: toInstant(clock.now + DAY_MS) } as const;
    await list.add(entry('Twice@example.org', soon));
    await list.add(entry('twice@example.org', { workspaceId: 'ws_twice', reason: 'complaint' }));
    const gone = await list.add(entry('gone@example.org', { workspaceId: 'ws_twice' }));
    const removed = await list.remove('ws_twice', gone.suppression.id);
    await using _projector = follow();
    await applied(removed?.sequence ?? Infinity);
    const rows = await listSuppressions(database, { workspaceId: 'ws_twice', nowMs: clock.now, limit: 50 });
    expect(rows).toMatchObject([{ address: 'twice@example.org', reason: 'complaint', expiresAt: null }]);
  });

  it('is listed newest first, by pages and filters', async () => {
    await using _projector = follow();
    const of = (second: number, more: Partial<Suppression> = {}) => ({
      workspaceId: 'ws_list',
      at: toInstant(clock.now + 1_000 * second),
      ...more,
    });
    await add('a@example.org', of(1, { reason: 'complaint' }));
    await add('b@example.org', of(2, { topic: 'news', reason: 'unsubscribed' }));
    await add('b@example.org', of(3));
    const last = await add('c@example.org', of(4));
    const all = ['c@example.org', 'b@example.org', 'b@example.org', 'a@example.org'];
    expect(await listed('ws_list')).toEqual(all);
    const after = { createdAt: last.at, id: last.id };
    expect(await listed('ws_list', { limit: 2, after })).toEqual(all.slice(1, 3));
    expect(await listed('ws_list', { address: 'B@Example.org' })).toEqual(all.slice(1, 3));
    expect(await listed('ws_list', { topic: 'news' })).toEqual(['b@example.org']);
    expect(await listed('ws_list', { reason: 'complaint' })).toEqual(['a@example.org']);
    expect(await listed('ws_list', { address: NASTY, topic: NASTY })).toEqual([]);
  });
});

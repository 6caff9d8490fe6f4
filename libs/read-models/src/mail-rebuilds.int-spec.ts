import { randomUUID } from 'node:crypto';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import { toInstant } from '#libs/kernel';
import { MailLedger, mailStream, MAIL_STREAM, type MailEntry } from '#libs/mail-ledger';
import { SuppressionList, SUPPRESSION_STREAM, type Suppression } from '#libs/suppressions';
import { createMigratedDatabase } from '../../../test/support/migrated-database.ts';
import { openDatabase } from '../../../test/support/projected-log.ts';
import { startTestNats, type TestDatabase, type TestNats } from '../../../test/support/servers.ts';
import type { BatchProjection } from './batch-projection.ts';
import { appliedSequence } from './checkpoint.ts';
import type { Database } from './database.ts';
import { MailProjection } from './mail-projection.ts';
import { ProjectionRebuilder } from './projection-rebuilder.ts';
import { findOpenRebuild, findRebuilds, orderRebuild, type RebuildOrder } from './rebuild-orders.ts';
import { StreamProjector } from './stream-projector.ts';
import { SuppressionProjection } from './suppression-projection.ts';

const DAY_MS = 86_400_000;
const OF = {
  mails: { stream: MAIL_STREAM, create: (database: Database): BatchProjection => new MailProjection(database) },
  suppressions: {
    stream: SUPPRESSION_STREAM,
    create: (database: Database): BatchProjection => new SuppressionProjection(database),
  },
} as const;

describe('read models of mail that are rebuilt', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let postgres: TestDatabase;
  let database: Database & AsyncDisposable;
  let ledger: MailLedger;
  let list: SuppressionList;
  const failures: unknown[] = [];
  const clock = { now: Date.now(), nowMs: (): number => clock.now };

  beforeEach(async () => {
    failures.length = 0;
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'mail rebuilds spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
    await reconcileStream(manager, mailStream(1, 90 * DAY_MS));
    ledger = new MailLedger(connection, publisher);
    list = await SuppressionList.open({ connection, publisher, clock, replicas: 1 });
    postgres = await createMigratedDatabase();
    database = openDatabase(postgres.url);
  });
  afterEach(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
    expect(failures).toEqual([]);
  });

  const observer = {
    applied: () => {},
    failed: (_: unknown, error: unknown) => void failures.push(error),
    parked: (event: unknown) => void failures.push(event),
  };
  const follow = (name: keyof typeof OF): StreamProjector => {
    const { stream, create } = OF[name];
    const projector = new StreamProjector({ connection, database, stream, projection: create(database), observer });
    projector.start();
    return projector;
  };
  const level = (name: keyof typeof OF) =>
    until(`${name} are level`, async () => {
      const { state } = await manager.streams.info(OF[name].stream);
      return (await appliedSequence(database, OF[name].stream)) === state.last_seq;
    });
  const rebuilt = async (name: keyof typeof OF): Promise<RebuildOrder | undefined> => {
    const { stream, create } = OF[name];
    const asked = { id: `rb_${randomUUID()}`, projection: name, compareOnly: false, requestedBy: 'usr_1' };
    expect(await orderRebuild(database, asked)).toBe(true);
    await using rebuilder = new ProjectionRebuilder({
      ...{ connection, database, url: postgres.url },
      target: { name, streams: [stream], createProjection: create },
      observer: { ...observer, ended: () => {} },
    });
    rebuilder.wake();
    await until('it is over', async () => (await findOpenRebuild(database, name)) === undefined);
    return (await findRebuilds(database)).last[0];
  };
  const rows = (name: keyof typeof OF) => database.query(`select t::text from ${name} t order by 1`);
  const entry = (mailKey: string, kind: MailEntry['kind'], atMs: number, attempt = 1): MailEntry => ({
    ...{ mailKey, workspaceId: 'ws_1', executionId: 'ex_1', nodeId: 'send', credentialId: 'cr_1' },
    ...{ address: 'ann@example.org', topic: null, kind, at: toInstant(atMs), attempt },
    ...{ reason: null, replyCode: null, status: null, text: null },
  });

  it('mails come out the same', async () => {
    await using _live = follow('mails');
    const kinds = ['sending', 'deferred', 'sending', 'sent', 'bounced', 'unsubscribed'] as const;
    for (let number = 0; number < 60; number++)
      for (const [place, kind] of kinds.slice(0, 1 + (number % kinds.length)).entries())
        await ledger.append(entry(`mail${number}`, kind, clock.now + 1_000 * place));
    await level('mails');
    const before = await rows('mails');
    expect(await rebuilt('mails')).toMatchObject({ phase: 'done', rows: 60, checksum: { same: true } });
    expect(await rows('mails')).toEqual(before);
    await ledger.append(entry('mail0', 'sent', clock.now + 9_000));
    await level('mails');
    expect(await database.query(`select status from mails where mail_key = 'mail0'`)).toEqual([{ status: 'sent' }]);
  });

  it('mails that the log has forgotten in part or whole stay as they are', async () => {
    await using _live = follow('mails');
    const old = clock.now - 90 * DAY_MS;
    await ledger.append(entry('whole', 'sent', old));
    await ledger.append(entry('part', 'sending', old));
    await ledger.append(entry('later', 'sent', old));
    await level('mails');
    // As the stream does by age.
    await manager.streams.purge(MAIL_STREAM, { seq: (await manager.streams.info(MAIL_STREAM)).state.last_seq + 1 });
    await ledger.append(entry('part', 'sending', clock.now + DAY_MS, 2));
    await ledger.append(entry('part', 'sent', clock.now + DAY_MS, 2));
    await ledger.append(entry('later', 'unsubscribed', clock.now + DAY_MS, 0));
    await ledger.append(entry('new', 'sent', clock.now + DAY_MS));
    await level('mails');
    const before = await rows('mails');
    expect(before).toHaveLength(4);
    expect(await rebuilt('mails')).toMatchObject({ phase: 'done', checksum: { same: true } });
    expect(await rows('mails')).toEqual(before);
  });

  it('suppressions come out the same, with what was taken from the list and put there again', async () => {
    await using _live = follow('suppressions');
    const of = (number: number, more: Partial<Suppression> = {}): Omit<Suppression, 'id'> => ({
      ...{ workspaceId: 'ws_1', address: `a${number}@example.org`, topic: null, reason: 'manual', detail: null },
      ...{ executionId: null, at: toInstant(clock.now + number), expiresAt: null },
      ...more,
    });
    for (let number = 0; number < 40; number++) {
      const { suppression } = await list.add(of(number, { expiresAt: toInstant(clock.now + DAY_MS) }));
      if (number % 4 === 1) await list.add(of(number, { reason: 'complaint' }));
      if (number % 4 > 1) await list.remove('ws_1', suppression.id);
      if (number % 4 === 3) await list.add(of(number, { reason: 'hardBounce' }));
    }
    await level('suppressions');
    const before = await rows('suppressions');
    expect(before).toHaveLength(30);
    expect(await rebuilt('suppressions')).toMatchObject({ phase: 'done', rows: 30, checksum: { same: true } });
    expect(await rows('suppressions')).toEqual(before);
  });
});

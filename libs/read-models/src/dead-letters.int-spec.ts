import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import {
  DEAD_LETTER_STREAM,
  DeadLetterLog,
  deadLetterStream,
  type DeadLetterFact,
  type DeadLettered,
} from '#libs/dead-letters';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { deleteStream, until } from '#libs/jetstream/testing';
import { createMigratedDatabase } from '../../../test/support/migrated-database.ts';
import { startTestNats, type TestDatabase, type TestNats } from '../../../test/support/servers.ts';
import { appliedSequence } from './checkpoint.ts';
import type { Database } from './database.ts';
import { DeadLetterProjection } from './dead-letter-projection.ts';
import { projectDeadLetter, type DeadLetterRecord } from './dead-letter-record.ts';
import { findDeadLetter, listDeadLetterIds, listDeadLetters } from './dead-letter-table.ts';
import { StreamProjector } from './stream-projector.ts';

const NASTY = 'NUL \u0000, half \ud83d a pair';
const at = (second: number): string => new Date(Date.UTC(2026, 10, 23) + 1000 * second).toISOString();

describe('the read model of dead letters', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let database: Database;
  let log: DeadLetterLog;
  const failures: unknown[] = [];

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'dead letters spec' });
    publisher = new JetStreamPublisher(connection);
    postgres = await createMigratedDatabase();
    pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    database = {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[],
    };
    log = new DeadLetterLog(publisher);
  });
  beforeEach(async () => {
    failures.length = 0;
    const manager = await jetstreamManager(connection.client);
    await deleteStream(manager, DEAD_LETTER_STREAM);
    await reconcileStream(manager, deadLetterStream(1));
    await database.query('truncate dead_letters, projection_checkpoints');
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await pool.end();
    await postgres[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const follow = (): StreamProjector => {
    const observer = {
      applied: () => {},
      failed: (_stream: string, error: unknown) => void failures.push(error),
      parked: () => {},
    };
    const projection = new DeadLetterProjection(database);
    const projector = new StreamProjector({ connection, database, stream: DEAD_LETTER_STREAM, projection, observer });
    projector.start();
    return projector;
  };
  const of = (id: string, second: number) => ({ id, workspaceId: 'ws_1', executor: 'http', at: at(second) });
  const letter = (n: number, change: Partial<DeadLettered> = {}): DeadLettered => ({
    type: 'DeadLettered',
    ...of(`dl_${n}`, n),
    kind: 'failed',
    executionId: `ex_${n}`,
    workflowId: 'wf_1',
    workflowVersion: 1,
    nodeId: 'a',
    nodeType: 'http.request',
    attempts: 2,
    error: { code: 'HTTP_STATUS', message: '503' },
    task: null,
    ...change,
  });
  const say = async (...facts: readonly DeadLetterFact[]): Promise<void> => {
    let last = 0;
    for (const fact of facts) last = await log.record(fact);
    await until('it is applied', async () => (await appliedSequence(database, DEAD_LETTER_STREAM)) >= last);
  };
  const open = { workspaceId: 'ws_1', status: 'open' } as const;
  const idsOf = async (filter: object = {}, page: object = {}): Promise<string[]> =>
    (await listDeadLetters(database, { ...open, ...filter }, { limit: 50, ...page })).map(({ id }) => id);

  it('shows what the facts say of each, word for word', async () => {
    await using _projector = follow();
    const facts: DeadLetterFact[] = [
      letter(1, { error: { code: NASTY, message: NASTY, details: { [NASTY]: NASTY } } }),
      letter(2, { kind: 'poison', nodeId: null, task: { queue: 'due', payload: NASTY } }),
      letter(3),
      { type: 'Redriven', ...of('dl_3', 9), executionId: 'ex_9' },
      letter(4),
      { type: 'Discarded', ...of('dl_4', 9), actor: { type: 'apiKey', id: 'key_1' } },
    ];
    await say(...facts);
    for (const id of ['dl_1', 'dl_2', 'dl_3', 'dl_4']) {
      const fold = facts
        .filter((fact) => fact.id === id)
        .reduce<DeadLetterRecord | undefined>((record, fact) => projectDeadLetter(record, fact), undefined);
      expect(await findDeadLetter(database, 'ws_1', id)).toEqual(fold);
    }
    expect(await idsOf()).toEqual(['dl_2', 'dl_1']);
    expect(await idsOf({ code: NASTY })).toEqual(['dl_1']);
    expect(await idsOf({ status: 'redriven' })).toEqual(['dl_3']);
    expect(failures).toEqual([]);
  });

  it('settles a letter that an earlier batch had', async () => {
    await using _projector = follow();
    await say(letter(1));
    await say({ type: 'Redriven', ...of('dl_1', 2), executionId: 'ex_2' });
    expect(await findDeadLetter(database, 'ws_1', 'dl_1')).toMatchObject({ status: 'redriven', redrivenAs: 'ex_2' });
  });

  it('a fact said again within the window is not even stored', async () => {
    const first = await log.record(letter(1));
    expect(await log.record(letter(1, { at: at(99) }))).toBe(first);
  });

  it('what became of a letter that is no longer kept is left out', async () => {
    await using _projector = follow();
    await say({ type: 'Discarded', ...of('dl_1', 2), actor: { type: 'user', id: 'usr_1' } });
    expect(await findDeadLetter(database, 'ws_1', 'dl_1')).toBeUndefined();
    expect(failures).toEqual([]);
  });

  it('is listed newest first, by pages and filters; to be redriven oldest first', async () => {
    await using _projector = follow();
    await say(letter(1), letter(2, { workflowId: 'wf_2' }), letter(3, { nodeId: 'b' }), letter(4, { at: at(3) }));
    expect(await idsOf()).toEqual(['dl_4', 'dl_3', 'dl_2', 'dl_1']);
    expect(await idsOf({}, { limit: 2, after: { createdAt: at(3), id: 'dl_4' } })).toEqual(['dl_3', 'dl_2']);
    expect(await idsOf({ workflowId: 'wf_2' })).toEqual(['dl_2']);
    expect(await idsOf({ nodeId: 'b' })).toEqual(['dl_3']);
    expect(await idsOf({ from: at(2), to: at(3) })).toEqual(['dl_2']);
    expect(await listDeadLetterIds(database, open, 3)).toEqual(['dl_1', 'dl_2', 'dl_3']);
  });

  it('another workspace sees nothing of it', async () => {
    await using _projector = follow();
    await say(letter(1));
    expect(await idsOf({ workspaceId: 'ws_2' })).toEqual([]);
    expect(await findDeadLetter(database, 'ws_2', 'dl_1')).toBeUndefined();
  });
});

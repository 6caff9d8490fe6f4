import { randomUUID } from 'node:crypto';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import type { Commit } from '#libs/event-sourcing';
import { createCommitCodec, executionLog, type LogLayout } from '#libs/event-store-jetstream';
import { executionEventSchema, type ExecutionEvent } from '#libs/execution-engine';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { toInstant } from '#libs/kernel';
import { createMigratedDatabase } from './migrated-database.ts';
import { startTestNats, type TestDatabase, type TestNats } from './servers.ts';
import {
  ExecutionProjection,
  projectDigested,
  StreamProjector,
  type Database,
  type ExecutionRecord,
  type ParkedEvent,
} from '#libs/read-models';

export const codec = createCommitCodec(executionEventSchema);

/** A pool whose connections may die, as a database for the read models. */
export function openDatabase(url: string): Database & AsyncDisposable {
  const pool = new pg.Pool({ connectionString: url, max: 6 });
  pool.on('error', () => undefined); // of an idle connection: the next query tells
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
      (await pool.query(sql, [...parameters])).rows as Row[],
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

interface Servers {
  readonly nats: TestNats;
  readonly connection: JetStreamConnection;
  readonly manager: JetStreamManager;
  readonly publisher: JetStreamPublisher;
  readonly postgres: TestDatabase;
  readonly database: Database & AsyncDisposable;
}

/** A log of executions on a NATS of its own, what was said in it, and the rows that are made of it in a Postgres. */
export class ProjectedLog implements AsyncDisposable {
  readonly commits = new Map<string, Commit<ExecutionEvent>[]>();
  readonly failures: unknown[] = [];
  readonly parked: ParkedEvent[] = [];
  readonly observer = {
    applied: () => {},
    failed: (_: unknown, error: unknown) => void this.failures.push(error),
    parked: (event: ParkedEvent) => void this.parked.push(event),
  };
  #second = 0;

  private constructor(
    private readonly servers: Servers,
    readonly layout: LogLayout,
  ) {}

  static async open(streams: 1 | 2 | 4 = 2): Promise<ProjectedLog> {
    const nats = await startTestNats();
    const connection = await JetStreamConnection.open({ servers: [nats.url], name: 'projected log' });
    const manager = await jetstreamManager(connection.client);
    const layout = executionLog(streams, 1);
    for (const stream of layout.streams) await reconcileStream(manager, stream);
    const postgres = await createMigratedDatabase();
    const publisher = new JetStreamPublisher(connection);
    const database = openDatabase(postgres.url);
    return new ProjectedLog({ nats, connection, manager, publisher, postgres, database }, layout);
  }

  get connection(): JetStreamConnection {
    return this.servers.connection;
  }

  get manager(): JetStreamManager {
    return this.servers.manager;
  }

  get database(): Database {
    return this.servers.database;
  }

  get databaseUrl(): string {
    return this.servers.postgres.url;
  }

  get streams(): readonly string[] {
    return this.layout.streams.map(({ name }) => name);
  }

  /** Says what happened, a second after what was said before. */
  async say(id: string, ...events: readonly ExecutionEvent[]): Promise<void> {
    const before = this.commits.get(id) ?? [];
    const firstVersion = before.reduce((version, commit) => version + commit.events.length, 1);
    const at = toInstant(Date.UTC(2026, 10, 23) + 1000 * this.#second++);
    const commit = { id: randomUUID(), aggregateId: id, firstVersion, at, events };
    this.commits.set(id, [...before, commit]);
    await this.servers.publisher.publish(this.layout.subjectOf(id), codec.encode(commit));
  }

  /** Something under an execution's subject that may be no commit at all. */
  async sayRaw(id: string, text: string): Promise<void> {
    await this.servers.publisher.publish(this.layout.subjectOf(id), text);
  }

  readonly createProjection = (database: Database): ExecutionProjection => new ExecutionProjection(database, codec);

  follow(database: Database = this.database): AsyncDisposable {
    const { connection, observer } = this;
    const all = this.streams.map((stream) => {
      const projection = this.createProjection(database);
      return new StreamProjector({ connection, database, stream, projection, observer });
    });
    for (const one of all) one.start();
    return {
      [Symbol.asyncDispose]: async () => void (await Promise.all(all.map((one) => one[Symbol.asyncDispose]()))),
    };
  }

  /** Whether the live read models have all that the log holds. */
  async isLevel(): Promise<boolean> {
    const rows = await this.database.query<{ stream: string; sequence: string }>(
      'select stream, sequence from projection_checkpoints',
    );
    const reached = new Map(rows.map(({ stream, sequence }) => [stream, Number(sequence)]));
    const infos = await Promise.all(this.streams.map((stream) => this.manager.streams.info(stream)));
    return infos.every(({ config, state }) => (reached.get(config.name) ?? 0) === state.last_seq);
  }

  /** What the read model of each execution must be. */
  folds(): Map<string, ExecutionRecord | undefined> {
    return new Map(
      Array.from(this.commits, ([id, commits]) => [
        id,
        commits.reduce<ExecutionRecord | undefined>(
          (record, commit) => projectDigested(record, { ...commit, sequence: 0 }),
          undefined,
        ),
      ]),
    );
  }

  async records(): Promise<Map<string, ExecutionRecord>> {
    const rows = await this.database.query<{ id: string; record: ExecutionRecord }>(
      'select id, record from executions',
    );
    return new Map(rows.map(({ id, record }) => [id, record]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { publisher, connection, database, postgres, nats } = this.servers;
    for (const one of [publisher, connection, database, postgres, nats]) await one[Symbol.asyncDispose]();
  }
}

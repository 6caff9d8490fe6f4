import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { startPostgres, type EmbeddedServer } from '#libs/embedded-servers';
import type { Commit, DomainEvent } from '#libs/event-sourcing';
import {
  createCommitCodec,
  executionLog,
  workflowLog,
  type CommitCodec,
  type LogLayout,
} from '#libs/event-store-jetstream';
import { executionEventSchema, type ExecutionEvent } from '#libs/execution-engine';
import { executionSucceeded, scheduled, started, succeeded } from '#libs/execution-engine/testing';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { deleteStream, until } from '#libs/jetstream/testing';
import { toInstant } from '#libs/kernel';
import { workflowEventSchema, type WorkflowDefinition, type WorkflowEvent } from '#libs/workflow-definition';
import { createMigratedDatabase, migrate } from '../../../test/support/migrated-database.ts';
import { startTestNats, type TestDatabase, type TestNats } from '../../../test/support/servers.ts';
import type { BatchProjection } from './batch-projection.ts';
import type { Database } from './database.ts';
import { ExecutionProjection } from './execution-projection.ts';
import { projectDigested } from './digested-record.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { listExecutions } from './execution-list.ts';
import { findExecution } from './execution-table.ts';
import { announceProgress, ReadModelProgress } from './progress.ts';
import { StreamProjector } from './stream-projector.ts';
import { WorkflowProjection } from './workflow-projection.ts';
import { findWorkflow, listWorkflows } from './workflow-table.ts';

const executions = createCommitCodec(executionEventSchema);
const workflows = createCommitCodec(workflowEventSchema);
const NASTY = 'NUL \u0000, half \ud83d a pair, and "\\u0000" \n\t spelled out';

function openDatabase(url: string): Database & AsyncDisposable {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined); // of an idle connection: the next query tells
  return {
    query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
      (await pool.query(sql, [...parameters])).rows as Row[],
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

describe('read models', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let postgres: TestDatabase;
  let database: ReturnType<typeof openDatabase>;
  const failures: unknown[] = [];
  const layouts = { executions: executionLog(1, 1), workflows: workflowLog(1) };

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'read models spec' });
    publisher = new JetStreamPublisher(connection);
    postgres = await createMigratedDatabase();
    database = openDatabase(postgres.url);
  });
  beforeEach(async () => {
    failures.length = 0;
    const manager = await jetstreamManager(connection.client);
    for (const stream of [...layouts.executions.streams, ...layouts.workflows.streams]) {
      await deleteStream(manager, stream.name);
      await reconcileStream(manager, stream);
    }
    await database.query('truncate executions, workflows, workflow_versions, projection_checkpoints');
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  let second = 0;
  /** Says what happened, a second after what was said before. */
  const say = async <Event extends DomainEvent>(
    log: { codec: CommitCodec<Event>; layout: LogLayout },
    about: { id: string; firstVersion?: number; events: readonly Event[] },
  ): Promise<Commit<Event>> => {
    const { id: aggregateId, firstVersion = 1, events } = about;
    const at = toInstant(Date.UTC(2026, 10, 23) + 1000 * second++);
    const commit = { id: randomUUID(), aggregateId, firstVersion, at, events };
    await publisher.publish(log.layout.subjectOf(aggregateId), log.codec.encode(commit));
    return commit;
  };
  const executionsLog = { codec: executions, layout: layouts.executions };
  const workflowsLog = { codec: workflows, layout: layouts.workflows };
  const follow = (stream: string, projection: BatchProjection, on: Database = database): StreamProjector => {
    const observer = {
      applied: () => {},
      failed: (_stream: string, error: unknown) => void failures.push(error),
      parked: () => {},
    };
    const projector = new StreamProjector({ connection, database: on, stream, projection, observer });
    projector.start();
    return projector;
  };
  const followExecutions = (on: Database = database): StreamProjector =>
    follow('EXECUTIONS_0', new ExecutionProjection(on, executions), on);
  const followWorkflows = (): StreamProjector => follow('WORKFLOWS', new WorkflowProjection(database, workflows));
  const isApplied =
    (stream: string, sequence: number, on: Database = database) =>
    async (): Promise<boolean> => {
      const [row] = await on.query<{ sequence: string }>(
        'select sequence from projection_checkpoints where stream = $1',
        [stream],
      );
      return Number(row?.sequence) >= sequence;
    };
  const foldOf = (commits: readonly Commit<ExecutionEvent>[]): ExecutionRecord | undefined =>
    commits.reduce<ExecutionRecord | undefined>(
      (record, commit) => projectDigested(record, { ...commit, sequence: 0 }),
      undefined,
    );

  describe('executions', () => {
    /** Three commits each, those of all executions mixed. */
    const runMany = async (total: number): Promise<Map<string, Commit<ExecutionEvent>[]>> => {
      const ids = Array.from({ length: total }, (_, index) => `ex_${String(index).padStart(5, '0')}`);
      const steps: readonly (readonly ExecutionEvent[])[] = [
        [started({ n: 1 })],
        [scheduled('call')],
        [succeeded('call', { ok: true }), executionSucceeded('call')],
      ];
      const commits = new Map<string, Commit<ExecutionEvent>[]>(ids.map((id) => [id, []]));
      let firstVersion = 1;
      for (const events of steps) {
        const version = firstVersion;
        for (let from = 0; from < total; from += 500) {
          const some = ids.slice(from, from + 500).map(async (id) => {
            commits.get(id)?.push(await say(executionsLog, { id, firstVersion: version, events }));
          });
          await Promise.all(some);
        }
        firstVersion += events.length;
      }
      return commits;
    };

    it('show the fold of each history, also when many change at once', async () => {
      await using _projector = followExecutions();
      const commits = await runMany(1200);
      await until('all is applied', isApplied('EXECUTIONS_0', 3600));
      for (const [id, history] of commits) expect(await findExecution(database, 'ws_1', id)).toEqual(foldOf(history));
      expect(failures).toEqual([]);
    });

    it('show the fold of each history when two projectors are at it', async () => {
      await using _one = followExecutions();
      await using _two = followExecutions();
      const commits = await runMany(600);
      await until('all is applied', isApplied('EXECUTIONS_0', 1800));
      for (const [id, history] of commits) expect(await findExecution(database, 'ws_1', id)).toEqual(foldOf(history));
      expect(failures).toEqual([]);
    });

    it('hold any text that people send, and give it back', async () => {
      await using _projector = followExecutions();
      const input = { [NASTY]: [NASTY, null, 1e300, -0.5], nested: { text: NASTY } };
      const commit = await say(executionsLog, { id: 'ex_nasty', events: [started(input), scheduled('n')] });
      const failed: ExecutionEvent = {
        type: 'ExecutionFailed',
        data: { error: { code: 'BROKEN', message: NASTY, nodeId: 'n', attempt: 1 } },
      };
      const end = await say(executionsLog, { id: 'ex_nasty', firstVersion: 3, events: [failed] });
      await say(executionsLog, { id: 'ex_after', events: [started()] });
      await until('all is applied', isApplied('EXECUTIONS_0', 3));
      expect(await findExecution(database, 'ws_1', 'ex_nasty')).toEqual(foldOf([commit, end]));
      expect(failures).toEqual([]);
    });

    it('are listed newest first, page by page, within a workspace, filtered', async () => {
      await using _projector = followExecutions();
      await runMany(30);
      await say(executionsLog, { id: 'ex_running', events: [started()] });
      const [theirs] = [started()].map((event) => ({ ...event, data: { ...event.data, workspaceId: 'ws_2' } }));
      await say(executionsLog, { id: 'ex_theirs', events: [theirs!] });
      await until('all is applied', isApplied('EXECUTIONS_0', 92));
      const seen: string[] = [];
      for (let after: ExecutionRecord | undefined; ;) {
        const page = await listExecutions(database, { workspaceId: 'ws_1', limit: 7, ...(after ? { after } : {}) });
        seen.push(...page.map(({ id }) => id));
        after = page.at(-1);
        if (page.length < 7) break;
      }
      expect(seen).toHaveLength(31);
      expect(seen[0]).toBe('ex_running');
      expect(new Set(seen).size).toBe(31);
      const [newest] = await listExecutions(database, { workspaceId: 'ws_1', limit: 1 });
      const list = async (filter: object): Promise<number> =>
        (await listExecutions(database, { workspaceId: 'ws_1', limit: 100, ...filter })).length;
      expect(await list({ status: 'queued' })).toBe(1);
      expect(await list({ status: 'succeeded' })).toBe(30);
      expect(await list({ workflowId: 'wf_other' })).toBe(0);
      expect(await list({ triggerType: 'trigger.manual' })).toBe(31);
      expect(await list({ from: newest?.createdAt })).toBe(1);
      expect(await list({ to: newest?.createdAt })).toBe(30);
      expect(await findExecution(database, 'ws_1', 'ex_theirs')).toBeUndefined();
    });

    it('are right again after Postgres was killed and forgot what it had applied', async () => {
      const dataDir = await mkdtemp(join(process.env.MILLRACE_TEST_DATA_DIR ?? tmpdir(), 'killed-'));
      chmodSync(dataDir, 0o755);
      // The writer of the log sleeps, so that a kill forgets what was committed without waiting for the disk.
      const settings = { wal_writer_delay: '10s', fsync: 'off' };
      const server = await startPostgres({ dataDir: join(dataDir, 'postgres'), settings });
      let again: EmbeddedServer | undefined;
      try {
        await migrate(server.url);
        await using own = openDatabase(server.url);
        await using _projector = followExecutions(own);
        const commits = await runMany(300);
        await until('all is applied', isApplied('EXECUTIONS_0', 900, own));
        process.kill(server.pid, 'SIGKILL');
        await server.exited;
        again = await startPostgres({
          dataDir: join(dataDir, 'postgres'),
          settings,
          port: Number(new URL(server.url).port),
        });
        const last = await say(executionsLog, { id: 'ex_last', events: [started()] });
        await until('all is applied again', async () => isApplied('EXECUTIONS_0', 901, own)().catch(() => false));
        commits.set('ex_last', [last]);
        for (const [id, history] of commits) expect(await findExecution(own, 'ws_1', id)).toEqual(foldOf(history));
      } finally {
        await (again ?? server).stop();
      }
    }, 60_000);
  });

  describe('workflows', () => {
    const definition = (name: string): WorkflowDefinition => ({
      name,
      nodes: [{ id: 'hook', type: 'trigger.webhook', config: {} }],
      connections: [],
      settings: { priority: 'normal' },
    });
    const published = (version: number, name: string): WorkflowEvent => ({
      type: 'WorkflowVersionPublished',
      data: {
        version,
        definition: definition(name),
        newEndpoints: version === 1 ? [{ webhookId: 'wh_1', nodeId: 'hook', token: 'token' }] : [],
      },
    });
    const created: WorkflowEvent = { type: 'WorkflowCreated', data: { workspaceId: 'ws_1' } };

    it('show their latest and their active version', async () => {
      await using _projector = followWorkflows();
      await say(workflowsLog, { id: 'wf_1', events: [created, published(1, 'first')] });
      await say(workflowsLog, {
        id: 'wf_1',
        firstVersion: 3,
        events: [{ type: 'WorkflowActivated', data: { version: 1 } }],
      });
      await say(workflowsLog, { id: 'wf_1', firstVersion: 4, events: [published(2, 'second')] });
      await until('all is applied', isApplied('WORKFLOWS', 3));
      expect(await findWorkflow(database, 'ws_1', 'wf_1')).toMatchObject({
        name: 'second',
        latestVersion: 2,
        activeVersion: 1,
        revision: 4,
        endpoints: [{ webhookId: 'wh_1', token: 'token' }],
      });
      await say(workflowsLog, { id: 'wf_1', firstVersion: 5, events: [{ type: 'WorkflowDeactivated', data: {} }] });
      await until('the end is applied', isApplied('WORKFLOWS', 4));
      expect((await findWorkflow(database, 'ws_1', 'wf_1'))?.activeVersion).toBeNull();
      expect(await findWorkflow(database, 'ws_2', 'wf_1')).toBeUndefined();
    });

    it('are listed newest first, by name and whether they are active; any name is kept', async () => {
      await using _projector = followWorkflows();
      const names = ['Orders', 'big ORDERS', NASTY, 'Invoices 100%'];
      for (const [index, name] of names.entries()) {
        await say(workflowsLog, { id: `wf_${index}`, events: [created, published(1, name)] });
      }
      await say(workflowsLog, {
        id: 'wf_1',
        firstVersion: 3,
        events: [{ type: 'WorkflowActivated', data: { version: 1 } }],
      });
      await until('all is applied', isApplied('WORKFLOWS', 5));
      const list = async (filter: object): Promise<string[]> =>
        (await listWorkflows(database, { workspaceId: 'ws_1', limit: 10, ...filter })).map(({ id }) => id);
      expect(await list({})).toEqual(['wf_3', 'wf_2', 'wf_1', 'wf_0']);
      expect(await list({ q: 'order' })).toEqual(['wf_1', 'wf_0']);
      expect(await list({ q: '%' })).toEqual(['wf_3']);
      expect(await list({ active: true })).toEqual(['wf_1']);
      expect(await list({ active: false, limit: 2 })).toEqual(['wf_3', 'wf_2']);
      expect((await findWorkflow(database, 'ws_1', 'wf_2'))?.name).toBe(NASTY);
      expect(failures).toEqual([]);
    });
  });

  describe('progress', () => {
    it('is heard by who waits for it, and remembered for who comes later', async () => {
      await using other = await JetStreamConnection.open({ servers: [nats.url], name: 'another process' });
      using progress = new ReadModelProgress(other, 10_000);
      await other.client.flush();
      const reached = progress.waitFor('EXECUTIONS_0', 7);
      const elsewhere = progress.waitFor('WORKFLOWS', 7, 100);
      announceProgress(connection, 'EXECUTIONS_0', 6);
      announceProgress(connection, 'EXECUTIONS_0', 9);
      expect(await reached).toBe(true);
      expect(await progress.waitFor('EXECUTIONS_0', 8, 0)).toBe(true);
      expect(await progress.waitFor('EXECUTIONS_0', 10, 10)).toBe(false);
      expect(await elsewhere).toBe(false);
    });

    it('is waited for as long as was said, and no longer', async () => {
      using progress = new ReadModelProgress(connection, 10);
      expect(await progress.waitFor('EXECUTIONS_0', 1_000_000)).toBe(false);
    });

    it('keeps nobody waiting when it ends', async () => {
      const progress = new ReadModelProgress(connection, 3_600_000);
      const waiting = progress.waitFor('EXECUTIONS_0', 1_000_000);
      progress[Symbol.dispose]();
      expect(await waiting).toBe(false);
    });
  });
});

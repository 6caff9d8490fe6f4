import fc from 'fast-check';
import pg from 'pg';
import { createCommitCodec } from '#libs/event-store-jetstream';
import { executionEventSchema } from '#libs/execution-engine';
import { workflowFamilies, type WorkflowFamily } from '#libs/execution-engine/testing';
import { calmDown, quiet, SimulatedWorld, takeTurn, turns, type Turn } from '#libs/execution-runtime/testing';
import type { StoredExecutionCommit } from '#libs/execution-runtime/testing';
import { createMigratedDatabase } from '../../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../../test/support/servers.ts';
import { digestOf, type Checkpoint } from './checkpoint.ts';
import type { Database } from './database.ts';
import { ExecutionProjection } from './execution-projection.ts';
import { projectExecution, type ExecutionRecord } from './execution-record.ts';

const codec = createCommitCodec(executionEventSchema);
const STREAM = 'SIMULATED';

interface Life {
  readonly workflows: WorkflowFamily;
  readonly sequence: readonly Turn[];
  /** Sizes of the batches, in turn, and whether a projector that knows nothing takes over before each. */
  readonly cuts: readonly { readonly size: number; readonly isNew: boolean }[];
}

const lives: fc.Arbitrary<Life> = fc.record({
  workflows: workflowFamilies,
  sequence: turns,
  cuts: fc.array(fc.record({ size: fc.integer({ min: 1, max: 7 }), isNew: fc.boolean() }), { minLength: 1 }),
});

/** Everything that the log of a whole life of some executions holds. */
async function logOf({ workflows, sequence }: Life): Promise<readonly StoredExecutionCommit[]> {
  const world = new SimulatedWorld(workflows);
  for (const process of world.processes.slice(0, 2)) world.start(process);
  for (const one of sequence) {
    await world.settle();
    takeTurn(world, one);
  }
  await world.settle();
  world.calm();
  await quiet(world, { untilMs: world.nowMs });
  await calmDown(world);
  return world.log.commits;
}

/** The fold, one event after the other, of all that the commits say. */
function foldsOf(commits: readonly StoredExecutionCommit[]): Map<string, ExecutionRecord> {
  const folds = new Map<string, ExecutionRecord>();
  for (const { aggregateId: executionId, firstVersion, at, actor, events } of commits)
    for (const [index, event] of events.entries())
      folds.set(
        executionId,
        projectExecution(folds.get(executionId), event, { executionId, at, actor, version: firstVersion + index }),
      );
  return folds;
}

describe('the read model of executions', () => {
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let database: Database;

  beforeAll(async () => {
    postgres = await createMigratedDatabase();
    pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
    database = {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[],
    };
  });
  afterAll(async () => {
    await pool.end();
    await postgres[Symbol.asyncDispose]();
  });

  const begin = async (): Promise<Checkpoint> => {
    await pool.query('truncate executions, execution_shelves, projection_checkpoints');
    await pool.query(`insert into projection_checkpoints values ($1, 'born', 0, '')`, [STREAM]);
    return { stream: STREAM, createdAt: 'born', sequence: 0, digest: '', generation: 0 };
  };
  /** Word for word: a rebuild is held against it by its text. */
  const texts = async (): Promise<Map<string, string>> => {
    const { rows } = await pool.query<{ id: string; text: string }>('select id, record::text as text from executions');
    return new Map(rows.map(({ id, text }) => [id, text]));
  };

  it('says of every prefix of every history what the history says, however the log is cut into batches', async () => {
    let prefixes = 0;
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const commits = await logOf(life);
        let at = await begin();
        let projection = new ExecutionProjection(database, codec);
        for (let from = 0, turn = 0; from < commits.length; turn++) {
          const { size, isNew } = life.cuts[turn % life.cuts.length] ?? { size: 1, isNew: false };
          if (isNew) projection = new ExecutionProjection(database, codec);
          const batch = commits.slice(from, from + size).map((commit, index) => ({
            subject: `executions.0.${commit.aggregateId}`,
            sequence: from + index + 1,
            data: Buffer.from(codec.encode(commit)),
          }));
          const last = batch.at(-1);
          const to = { sequence: last?.sequence ?? 0, digest: digestOf(last?.data ?? Buffer.of()) };
          expect(await projection.apply(batch, { from: at, to })).toBe(true);
          at = { ...at, ...to };
          from += batch.length;
          const folds = Array.from(foldsOf(commits.slice(0, from)), ([id, record]) => [id, JSON.stringify(record)]);
          expect(await texts()).toEqual(new Map(folds as [string, string][]));
          prefixes++;
        }
      }),
      { numRuns: 300, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false },
    );
    expect(prefixes).toBeGreaterThan(100);
  }, 120_000);
});

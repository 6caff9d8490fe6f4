import fc from 'fast-check';
import pg from 'pg';
import { toInstant } from '#libs/kernel';
import { createMigratedDatabase } from '../../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../../test/support/servers.ts';
import type { ListPlace } from './conditions.ts';
import type { Database } from './database.ts';
import { EXECUTION_STATUSES } from './execution-line.ts';
import { listExecutions, type ExecutionQuery } from './execution-list.ts';
import type { ExecutionRecord } from './execution-record.ts';
import type { NodeRecord } from './node-record.ts';
import { applyExecutions } from './execution-table.ts';
import { ShelfKeeper } from './shelves.ts';

/** More than a search walks, on many more shelves than it asks at once. */
const TOTAL = 2_400;
const SHELF_CAPACITY = 30;
const START_MS = Date.UTC(2026, 10, 1);
const STREAMS = ['EXECUTIONS_0', 'EXECUTIONS_1'];
const WORKSPACES = ['ws_1', 'ws_2'];
const WORKFLOWS = ['wf_1', 'wf_2', 'wf_3'];
const TRIGGERS = ['trigger.webhook', 'trigger.manual'];
/** Each with how many executions there are for one that has it: all, many, few, hardly any. */
const WORDS: readonly (readonly [string, number])[] = [
  ['eur', 1],
  ['vienna', 4],
  ['graz', 5],
  ['express', 60],
  ['fragile', 700],
];

describe('lists of executions', () => {
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let database: Database;
  let all: ExecutionRecord[];
  const keeper = new ShelfKeeper(SHELF_CAPACITY);
  const sequences = new Map<string, number>();

  beforeAll(async () => {
    postgres = await createMigratedDatabase();
    pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    database = {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[],
    };
    const chances = fc.sample(fc.nat(), { numRuns: 12 * TOTAL, seed: 7 }).values();
    all = Array.from({ length: TOTAL }, (_, index) => recordNumber(index, () => chances.next().value ?? 0));
    for (let start = 0; start < TOTAL; start += 100) await write(all.slice(start, start + 100));
    await pool.query('vacuum analyze executions');
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await postgres[Symbol.asyncDispose]();
  });

  /** As projectors of two streams do. */
  const write = async (records: readonly ExecutionRecord[]): Promise<void> => {
    for (const [index, stream] of STREAMS.entries()) {
      const rows = records
        .filter((_, number) => number % STREAMS.length === index)
        .map((record) => ({ id: record.id, shelf: keeper.put(stream, record), record }));
      const shelves = keeper.takeGrowth();
      await pool.query(`insert into projection_checkpoints values ($1, '', 0, '') on conflict do nothing`, [stream]);
      const sequence = sequences.get(stream) ?? 0;
      sequences.set(stream, sequence + 1);
      const move = {
        from: { stream, createdAt: '', sequence, digest: '', generation: 0 },
        to: { sequence: sequence + 1, digest: '' },
      };
      expect(await applyExecutions(database, { rows, shelves }, move)).toBe(true);
    }
  };
  const list = async (query: Partial<ExecutionQuery>): Promise<string[]> =>
    (await listExecutions(database, { workspaceId: 'ws_1', limit: 50, ...query })).map(({ id }) => id);
  const expected = (query: Partial<ExecutionQuery>): string[] =>
    all
      .filter((record) => matches(record, { workspaceId: 'ws_1', limit: 50, ...query }))
      .toSorted(newestFirst)
      .map(({ id }) => id)
      .slice(0, query.limit ?? 50);

  const instants = fc.integer({ min: -10, max: TOTAL + 10 }).map((number) => instantNumber(number));
  const queries = fc.record(
    {
      workspaceId: fc.constantFrom(...WORKSPACES),
      workflowId: fc.constantFrom(...WORKFLOWS),
      status: fc.constantFrom(...EXECUTION_STATUSES),
      triggerType: fc.constantFrom(...TRIGGERS),
      from: instants,
      to: instants,
      nodeId: fc.constantFrom('start', 'a', 'b', 'never'),
      q: fc
        .subarray([...WORDS.map(([word]) => word), 'A-1200', 'nowhere'], { minLength: 1 })
        .map((words) => words.join(' ')),
      after: fc.nat({ max: TOTAL - 1 }).map((number) => ({ createdAt: instantNumber(number), id: idNumber(number) })),
      limit: fc.integer({ min: 1, max: 201 }),
    },
    { requiredKeys: [] },
  );

  it('hold what all filters together let through, newest first', async () => {
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        expect(await list(query)).toEqual(expected(query));
      }),
      { numRuns: 400 },
    );
  });

  it.each(WORDS)('are whole through the pages for %s, one in %i', async (q) => {
    const seen: string[] = [];
    for (let after: ExecutionRecord | undefined; ;) {
      const page = await listExecutions(database, { workspaceId: 'ws_1', q, limit: 17, ...(after ? { after } : {}) });
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1);
      if (page.length < 17) break;
    }
    expect(seen).toEqual(expected({ q, limit: TOTAL }));
  });

  it('find nothing for texts without a word, whatever they hold', async () => {
    for (const q of ['%', '_', "'", '"', '\\', '\u0000', '\ud83d', '(', '*', '!', '🔑'])
      expect(await list({ q })).toEqual([]);
    for (const q of ['vienna %', "'vienna'", 'vienna\u0000', '\ud83dvienna\udd11', '"VIENNA"', '(vienna) & !'])
      expect(await list({ q })).toEqual(expected({ q: 'vienna' }));
    for (const q of ['vien', 'vienn_', 'v%a', 'orderId', 'viennas']) expect(await list({ q })).toEqual([]);
  });

  it('do not move under who reads them while others come', async () => {
    for (const filter of [{}, { q: 'graz' }, { q: 'express' }, { nodeId: 'b', status: 'failed' as const }]) {
      const before = expected({ ...filter, limit: TOTAL });
      const seen: string[] = [];
      for (let after: ExecutionRecord | undefined; ;) {
        const query = { workspaceId: 'ws_1', ...filter, limit: 100, ...(after ? { after } : {}) };
        const page = await listExecutions(database, query);
        seen.push(...page.map(({ id }) => id));
        after = page.at(-1);
        if (page.length < 100) break;
        const added = Array.from({ length: 40 }, (_, index) => recordNumber(all.length + index, () => index));
        all.push(...added);
        await write(added);
      }
      expect(seen).toEqual(before);
    }
  });

  it('follow an execution through its changes', async () => {
    const queued = { ...recordNumber(all.length, () => 0), workspaceId: 'ws_9', status: 'queued' as const };
    await write([queued]);
    const of = (query: Partial<ExecutionQuery>): Promise<string[]> => list({ workspaceId: 'ws_9', ...query });
    expect(await of({ status: 'queued', q: 'eur' })).toEqual([queued.id]);
    const failed: ExecutionRecord = {
      ...queued,
      status: 'failed',
      version: 2,
      error: { code: 'BROKEN', message: 'no luck', nodeId: 'a', attempt: 1 },
    };
    await write([failed]);
    expect(await of({ status: 'queued', q: 'eur' })).toEqual([]);
    expect(await of({ status: 'failed', q: 'eur luck', nodeId: 'start' })).toEqual([failed.id]);
    expect(await list({ q: 'luck' })).toEqual([]);
  });
});

/** Two of three are a second after the one before, the third at the same time. */
function instantNumber(number: number): string {
  return toInstant(START_MS + 1000 * (number - (number % 3 === 2 ? 1 : 0)));
}

function idNumber(number: number): string {
  return `ex_${String(number).padStart(8, '0')}`;
}

function recordNumber(number: number, chance: () => number): ExecutionRecord {
  const pick = <Value>(values: readonly Value[]): Value => values[chance() % values.length] as Value;
  const done: NodeRecord = { status: 'succeeded', attempts: 1 };
  const b: NodeRecord = pick([done, { status: 'skipped', attempts: 0 }]);
  const words = WORDS.flatMap(([word, oneIn]) => (chance() % oneIn === 0 ? [word] : []));
  return {
    id: idNumber(number),
    workspaceId: pick(WORKSPACES),
    workflowId: pick(WORKFLOWS),
    workflowVersion: 1,
    status: pick(EXECUTION_STATUSES),
    trigger: { type: pick(TRIGGERS), nodeId: 'start' },
    input: { value: { body: { orderId: `A-${number}`, note: words.join(', ') } } },
    nodes: { start: done, a: done, b },
    createdAt: instantNumber(number),
    version: 1,
  };
}

/** What a list does, said plainly. */
function matches(record: ExecutionRecord, query: ExecutionQuery): boolean {
  return Object.entries(query).every(([name, asked]) => MATCHES[name as keyof ExecutionQuery](record, asked as never));
}

const MATCHES: {
  [Name in keyof Required<ExecutionQuery>]: (is: ExecutionRecord, asked: ExecutionQuery[Name]) => boolean;
} = {
  workspaceId: (is, asked) => is.workspaceId === asked,
  workflowId: (is, asked) => is.workflowId === asked,
  status: (is, asked) => is.status === asked,
  triggerType: (is, asked) => is.trigger.type === asked,
  from: (is, asked = '') => is.createdAt >= asked,
  to: (is, asked = '') => is.createdAt < asked,
  nodeId: (is, asked = '') => !['skipped', undefined].includes(is.nodes[asked]?.status),
  q: (is, asked = '') =>
    asked.split(' ').every((word) => new RegExp(`\\b${word}\\b`, 'i').test(JSON.stringify(is.input))),
  after: (is, asked) => asked === undefined || newestFirst(asked, is) < 0,
  limit: () => true,
};

function newestFirst(one: ListPlace, other: ListPlace): number {
  const [first, second] = [one, other].map(({ createdAt, id }) => `${createdAt} ${id}`) as [string, string];
  return first === second ? 0 : first < second ? 1 : -1;
}

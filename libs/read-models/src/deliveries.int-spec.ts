import fc from 'fast-check';
import pg from 'pg';
import { toInstant } from '#libs/kernel';
import { deliveryIdOf, encodeEntry, type DeliveryEntry } from '#libs/webhook-deliveries';
import { createMigratedDatabase } from '../../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../../test/support/servers.ts';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { listDeliveries, type DeliveryQuery } from './delivery-list.ts';
import { DeliveryProjection } from './delivery-projection.ts';
import { DELIVERY_OUTCOMES, type DeliveryRecord } from './delivery-record.ts';
import { findUnaccepted, removeDeliveriesBefore } from './delivery-table.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { applyExecutions } from './execution-table.ts';
import { ShelfKeeper } from './shelves.ts';

const START_MS = Date.UTC(2026, 10, 28);
/** Several share an instant, so that the order within it counts. */
const at = (number: number): string => toInstant(START_MS + 1_000 * Math.floor(number / 5));
const name = (number: number): string => String(number).padStart(6, '0');
const TOTAL = 300;
const NASTY = 'NUL \u0000, half \ud83d a pair';

describe('the ledger of a webhook', () => {
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let database: Database;
  let all: DeliveryRecord[];
  const CALLED = { calledTypes: ['trigger.webhook', 'trigger.github'] };
  const webhook = { webhookId: 'wh_1', workspaceId: 'ws_1', workflowId: 'wf_1', nodeId: 'hook' };
  let sequence = 0;

  const nextMove = async (stream: string): Promise<CheckpointMove> => {
    await pool.query(`insert into projection_checkpoints values ($1, '', $2, '') on conflict do nothing`, [
      stream,
      sequence,
    ]);
    await pool.query(`update projection_checkpoints set sequence = $2 where stream = $1`, [stream, sequence]);
    const from = { stream, createdAt: '', sequence, digest: '', generation: 0 };
    return { from, to: { sequence: ++sequence, digest: '' } };
  };
  const project = async (entries: readonly DeliveryEntry[]): Promise<boolean> => {
    const messages = entries.map((entry) => ({
      subject: 'deliveries',
      data: new TextEncoder().encode(encodeEntry(entry)),
      sequence: 1,
    }));
    return new DeliveryProjection(database).apply(messages, await nextMove('DELIVERIES'));
  };
  const keeper = new ShelfKeeper();
  const execute = async (records: readonly ExecutionRecord[]): Promise<void> => {
    const rows = records.map((record) => ({ id: record.id, shelf: keeper.put('EXECUTIONS_0', record), record }));
    const move = await nextMove('EXECUTIONS_0');
    expect(await applyExecutions(database, { rows, shelves: keeper.takeGrowth() }, move)).toBe(true);
  };

  beforeAll(async () => {
    postgres = await createMigratedDatabase();
    pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    database = {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[],
    };
    const numbers = Array.from({ length: TOTAL }, (_, number) => number);
    const executions = numbers.filter((number) => number % 3 === 0);
    const entries = numbers.filter((number) => number % 3 > 0).map(entryNumber);
    await execute([
      ...executions.map((number) => executionNumber(number)),
      executionNumber(TOTAL, { workflowId: 'wf_2' }),
      executionNumber(TOTAL + 1, { trigger: { type: 'trigger.webhook', nodeId: 'other' } }),
      executionNumber(TOTAL + 2, { trigger: { type: 'redrive', nodeId: 'hook' } }),
      executionNumber(TOTAL + 3, { trigger: { type: 'trigger.schedule', nodeId: 'hook' } }),
    ]);
    expect(await project(entries)).toBe(true);
    expect(await project(entries.slice(0, 10))).toBe(true);
    await project([{ ...entryNumber(1), id: 'dlv_of_another', webhookId: 'wh_2' }]);
    all = [...executions.map(recordOfExecution), ...entries.map(recordOfEntry)].sort((one, other) =>
      `${one.createdAt}${one.id}` < `${other.createdAt}${other.id}` ? 1 : -1,
    );
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await postgres[Symbol.asyncDispose]();
  });

  const matches = (
    record: DeliveryRecord,
    { outcome, reason, from, to }: Omit<DeliveryQuery, 'limit' | 'calledTypes'>,
  ): boolean =>
    (outcome === undefined || record.outcome === outcome) &&
    (reason === undefined || record.reason === reason) &&
    (from === undefined || record.createdAt >= from) &&
    (to === undefined || record.createdAt < to);
  const instants = fc.nat(TOTAL).map(at);
  const filters = fc.record(
    {
      outcome: fc.constantFrom(...DELIVERY_OUTCOMES),
      reason: fc.constantFrom('SIGNATURE_MISSING', 'TOO_MANY_CALLS', 'EVENT_NOT_WANTED', 'NEVER', NASTY),
      from: instants,
      to: instants,
    },
    { requiredKeys: [] },
  );

  it('is one list of both sources, newest first, whole through its pages', async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 7, max: 200 }), async (filter, limit) => {
        const listed: DeliveryRecord[] = [];
        for (let more = true; more;) {
          const last = listed.at(-1);
          const page = await listDeliveries(database, webhook, {
            ...CALLED,
            ...filter,
            limit,
            ...(last ? { after: last } : {}),
          });
          listed.push(...page);
          more = page.length === limit;
        }
        expect(listed).toEqual(all.filter((record) => matches(record, filter)));
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('is of one workspace', async () => {
    expect(await listDeliveries(database, { ...webhook, workspaceId: 'ws_2' }, { ...CALLED, limit: 50 })).toEqual([]);
    const { id } = entryNumber(1);
    expect(await findUnaccepted(database, 'ws_1', id)).toEqual({ webhookId: 'wh_1' });
    expect(await findUnaccepted(database, 'ws_2', id)).toBeUndefined();
  });

  it('knows not how a call looked whose input is kept apart', async () => {
    const stored = { object: 'ex_large/1', bytes: 70_000, sha256: 'x' };
    await execute([executionNumber(9_000, { workflowId: 'wf_large', input: { stored } })]);
    const of = { ...webhook, workflowId: 'wf_large', webhookId: 'wh_large' };
    expect(await listDeliveries(database, of, { ...CALLED, limit: 1 })).toMatchObject([
      { method: null, ip: null, calls: 1 },
    ]);
  });

  it('tells which were sent again', async () => {
    const origin = { kind: 'redelivery', executionId: 'ex_first' } as const;
    await execute([executionNumber(9_001, { workflowId: 'wf_again', origin })]);
    const of = { ...webhook, workflowId: 'wf_again', webhookId: 'wh_again' };
    expect(await listDeliveries(database, of, { ...CALLED, limit: 1 })).toMatchObject([{ redeliveryOf: 'ex_first' }]);
  });

  it('loses entries by age, the oldest first, some at a time', async () => {
    const old = Array.from({ length: 10 }, (_, number) => ({
      ...entryNumber(number),
      id: `dlv_old_${number}`,
      webhookId: 'wh_old',
      at: toInstant(START_MS - 86_400_000 + number),
    }));
    await project(old);
    const before = toInstant(START_MS - 86_400_000 + 9);
    expect(await removeDeliveriesBefore(database, before, 4)).toBe(4);
    const left = await listDeliveries(
      database,
      { ...webhook, webhookId: 'wh_old', workflowId: 'wf_none' },
      { ...CALLED, limit: 50 },
    );
    expect(left.map(({ id }) => id)).toEqual(
      old
        .slice(4)
        .map(({ id }) => id)
        .reverse(),
    );
    expect(await removeDeliveriesBefore(database, before, 100)).toBe(5);
    expect(await removeDeliveriesBefore(database, before, 100)).toBe(0);
  });
});

function entryNumber(number: number): DeliveryEntry {
  const answered = number % 11 === 0;
  const counted = number % 7 === 0;
  return {
    id: `dlv_${name(number)}`,
    webhookId: 'wh_1',
    workspaceId: 'ws_1',
    at: at(number),
    outcome: answered ? 'answered' : 'refused',
    status: answered ? 200 : 401,
    reason: reasonOf(number, answered),
    method: counted ? null : 'POST',
    ip: counted ? null : '192.0.2.1',
    calls: counted ? number + 1 : 1,
  };
}

/** Some answered ones were none that the trigger asks for. */
function reasonOf(number: number, answered: boolean): string | null {
  if (answered) return number % 2 === 0 ? 'EVENT_NOT_WANTED' : null;
  return number % 2 === 0 ? 'SIGNATURE_MISSING' : 'TOO_MANY_CALLS';
}

function recordOfEntry({ workspaceId: _, at: createdAt, ...entry }: DeliveryEntry): DeliveryRecord {
  return { ...entry, createdAt, executionId: null, redeliveryOf: null };
}

function executionNumber(number: number, changes: Partial<ExecutionRecord> = {}): ExecutionRecord {
  const { nodeId } = changes.trigger ?? { nodeId: 'hook' };
  return {
    id: `ex_${name(number)}`,
    workspaceId: 'ws_1',
    workflowId: 'wf_1',
    workflowVersion: 1,
    status: number % 2 === 0 ? 'succeeded' : 'failed',
    trigger: { type: number % 2 === 0 ? 'trigger.webhook' : 'trigger.github', nodeId },
    input: { value: { method: 'PUT', ip: '192.0.2.2', body: NASTY } },
    nodes: { [nodeId]: { status: 'succeeded', attempts: 1 } },
    createdAt: at(number),
    version: 1,
    ...changes,
  };
}

function recordOfExecution(number: number): DeliveryRecord {
  const executionId = `ex_${name(number)}`;
  return {
    id: deliveryIdOf(executionId),
    webhookId: 'wh_1',
    createdAt: at(number),
    outcome: 'accepted',
    status: 202,
    reason: null,
    executionId,
    redeliveryOf: null,
    method: 'PUT',
    ip: '192.0.2.2',
    calls: 1,
  };
}

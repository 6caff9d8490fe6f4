import fc from 'fast-check';
import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  AuditLog,
  createAuditCodec,
  createAuditSigner,
  hashOfEntry,
  treeHasher,
  type AuditEvent,
  type AuditFact,
} from '#libs/audit-log';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { inclusionRanges, isIncluded, perfectSubtrees, rootOf } from '#libs/merkle-tree';
import { createMigratedDatabase } from '../../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../../test/support/servers.ts';
import { findAuditEntry, listAuditItems, readAuditTree, type AuditQuery } from './audit-list.ts';
import { AuditProjection } from './audit-projection.ts';
import type { StreamMessage } from './batch-projection.ts';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';

const WORKSPACES = ['ws_1', 'ws_2'];
const NASTY = 'NUL \u0000, half \ud83d a pair';

describe('the read model of the audit', () => {
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let database: Database;
  let messages: StreamMessage[];
  const store = new InMemoryEventStore<AuditEvent>();
  const signer = createAuditSigner(createSecretKey(randomBytes(32)));
  let now = Date.UTC(2026, 10, 28);
  const log = new AuditLog({ store, signer, keys: [signer.key], clock: { nowMs: () => now }, newCommitId: randomUUID });

  beforeAll(async () => {
    postgres = await createMigratedDatabase();
    pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    database = {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[],
    };
    const call = { actor: { type: 'user' as const, id: 'usr_1' }, address: null, requestId: 'r-1' };
    const begun = (action: string, target: string | null): AuditFact => ({ kind: 'begun', ...call, action, target });
    const ended = (of: number, target: string | null): AuditFact => ({ kind: 'ended', of, status: 200, target });
    for (let round = 0; round < 12; round++) {
      now += 1000;
      for (const workspaceId of WORKSPACES) {
        const { index } = await log.append(workspaceId, begun('workflow.create', null));
        await Promise.all([
          log.append(workspaceId, ended(index, `wf_${round}`)),
          log.append(workspaceId, { ...call, kind: 'read', action: 'execution.read', target: NASTY }),
          log.append(workspaceId, {
            kind: 'anchored',
            action: 'histories.anchored',
            histories: [{ executionId: 'ex_1', events: 3, digest: 'd' }],
          }),
        ]);
      }
    }
    await log.append('ws_1', {
      ...begun('workflow.archive', 'wf_3'),
      actor: { type: 'apiKey', id: 'key_1' },
    } as AuditFact);
    messages = [];
    const codec = createAuditCodec();
    for (const workspaceId of WORKSPACES)
      for await (const commit of store.readHistory(workspaceId))
        messages.push({
          subject: `audit.${workspaceId}`,
          data: Buffer.from(codec.encode(commit)),
          sequence: commit.sequence,
        });
    messages.sort((one, other) => one.sequence - other.sequence);
  });
  afterAll(async () => {
    await pool.end();
    await postgres[Symbol.asyncDispose]();
  });

  /** From nothing, in batches that end at these messages. */
  const project = async (cuts: readonly number[]): Promise<void> => {
    await pool.query('truncate audit_entries, audit_tree, projection_checkpoints');
    await pool.query(
      `insert into projection_checkpoints (stream, stream_created_at, sequence, digest) values ('AUDIT', '', 0, '')`,
    );
    const projection = new AuditProjection(database);
    let from = 0;
    for (const end of [...new Set(cuts)]
      .filter((cut) => cut > 0 && cut < messages.length)
      .toSorted((a, b) => a - b)
      .concat(messages.length)) {
      const batch = messages.slice(from, end);
      const move = (at: number): CheckpointMove => ({
        from: { stream: 'AUDIT', createdAt: '', sequence: at, digest: '', generation: 0 },
        to: { sequence: end, digest: '' },
      });
      expect(await projection.apply(batch, move(from))).toBe(true);
      // Somebody slower comes with the same batch.
      expect(await projection.apply(batch, move(from))).toBe(false);
      from = end;
    }
  };
  const list = (query: Partial<AuditQuery> = {}) =>
    listAuditItems(database, { workspaceId: 'ws_1', limit: 100, ...query });

  it('proves each entry of the log, in whichever batches it was read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(messages.length), { maxLength: 6 }), fc.nat(47), async (cuts, index) => {
        await project(cuts);
        for (const workspaceId of WORKSPACES) {
          const { size, root } = (await log.endOf(workspaceId))!.checkpoint;
          const parts = inclusionRanges(index, size).map((range) => perfectSubtrees(range));
          const path: Uint8Array[] = [];
          for (const part of parts) {
            const roots = (await readAuditTree(database, workspaceId, part))!.map((hash) => Buffer.from(hash, 'hex'));
            path.push(rootOf(treeHasher, { roots }));
          }
          const leaf = hashOfEntry((await findAuditEntry(database, workspaceId, index))!);
          expect(isIncluded(treeHasher, { leaf, index, size, root: Buffer.from(root, 'hex'), path })).toBe(true);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('lists what was done with how it ended, newest first, by any filter', async () => {
    await project([]);
    const all = await list();
    expect(all).toHaveLength(25);
    expect(all.map(({ entry }) => entry.index)).toEqual(all.map(({ entry }) => entry.index).toSorted((a, b) => b - a));
    expect(all[0]).toMatchObject({ entry: { action: 'workflow.archive', target: 'wf_3' }, end: null });
    expect(await list({ action: 'workflow.create' })).toHaveLength(12);
    const ofTarget = await list({ target: 'wf_3' });
    expect(ofTarget.map(({ entry, end }) => [entry.index, end?.target])).toEqual([
      [48, undefined],
      [12, 'wf_3'],
    ]);
    expect(await list({ target: NASTY })).toHaveLength(12);
    expect((await list({ actor: 'key_1' })).map(({ entry }) => entry.index)).toEqual([48]);
    expect(await list({ action: 'histories.anchored' })).toHaveLength(12);
    expect(await list({ before: all[4]!.entry.index, limit: 3 })).toEqual(all.slice(5, 8));
    const { at } = all[10]!.entry;
    expect([...(await list({ from: at })), ...(await list({ to: at }))]).toEqual(all);
    expect(await list({ workspaceId: 'ws_3' })).toEqual([]);
  });

  it('stops at a log that has a hole', async () => {
    await project([]);
    const move = {
      from: { stream: 'AUDIT', createdAt: '', sequence: messages.length, digest: '', generation: 0 },
      to: { sequence: 999, digest: '' },
    };
    await pool.query(`delete from audit_tree where workspace_id = 'ws_1'`);
    await expect(new AuditProjection(database).apply(messages.slice(-1), move)).rejects.toThrow('has no entry before');
    expect(await readAuditTree(database, 'ws_1', [{ level: 0, place: 0 }])).toBeUndefined();
  });
});

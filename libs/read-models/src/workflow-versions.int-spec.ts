import pg from 'pg';
import type { Commit } from '#libs/event-sourcing';
import { createCommitCodec } from '#libs/event-store-jetstream';
import { workflowEventSchema, type WorkflowDefinition, type WorkflowEvent } from '#libs/workflow-definition';
import { createMigratedDatabase, migrate } from '../../../test/support/migrated-database.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/servers.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { Database } from './database.ts';
import { findWebhook } from './webhook-table.ts';
import { WorkflowProjection } from './workflow-projection.ts';
import { findWorkflow, listWorkflows } from './workflow-table.ts';
import { findWorkflowsUsing, findWorkflowVersions, listWorkflowVersions } from './workflow-version-table.ts';

const codec = createCommitCodec(workflowEventSchema);
const NASTY = 'NUL \u0000, half \ud83d a pair, and "\\u0000" \n\t spelled out';
const ACTOR = { type: 'user', id: 'usr_1' } as const;
const at = (second: number): string => `2026-11-23T10:00:0${second}.000Z`;

const definitionOf = (name: string, credentialId?: string): WorkflowDefinition => ({
  name,
  nodes: [{ id: 'call', type: 'http.request', config: credentialId === undefined ? {} : { credentialId } }],
  connections: [],
  settings: { priority: 'normal' },
});
const created: WorkflowEvent = { type: 'WorkflowCreated', data: { workspaceId: 'ws_1' } };
const published = (version: number, definition: WorkflowDefinition): WorkflowEvent => ({
  type: 'WorkflowVersionPublished',
  data: { version, definition, newEndpoints: [], contentHash: `sha256:v${version}` },
});
const activated = (version: number): WorkflowEvent => ({ type: 'WorkflowActivated', data: { version } });
const archived: WorkflowEvent = { type: 'WorkflowArchived', data: {} };

describe('versions of workflows', () => {
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let database: Database;
  let sequence: number;

  beforeAll(async () => {
    postgres = await createMigratedDatabase();
    pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
    database = {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[],
    };
  });
  beforeEach(async () => {
    await database.query('truncate workflows, workflow_versions, projection_checkpoints');
    sequence = 0;
  });
  afterAll(async () => {
    await pool.end();
    await postgres[Symbol.asyncDispose]();
  });

  type Said = Pick<Commit<WorkflowEvent>, 'aggregateId' | 'firstVersion' | 'events'> & { readonly by?: typeof ACTOR };
  /** One batch with these commits, a second apart. */
  const apply = async (...said: readonly Said[]): Promise<boolean> => {
    const from = await openCheckpoint(database, 'WORKFLOWS', 'born');
    const batch = said.map(({ by, ...commit }, index) => ({
      subject: `workflows.${commit.aggregateId}`,
      sequence: ++sequence,
      data: Buffer.from(codec.encode({ id: `c${sequence}`, at: at(index), ...commit, ...(by ? { actor: by } : {}) })),
    }));
    const to = { sequence, digest: `of ${sequence}` };
    return new WorkflowProjection(database, codec).apply(batch, { from, to });
  };
  const about = (aggregateId: string, firstVersion: number, ...events: WorkflowEvent[]): Said => ({
    aggregateId,
    firstVersion,
    events,
  });
  const wf1 = { workspaceId: 'ws_1', workflowId: 'wf_1' };
  const versionsOf = async (query: object = {}): Promise<number[] | undefined> =>
    (await listWorkflowVersions(database, { ...wf1, limit: 10, ...query }))?.versions.map(({ version }) => version);

  it('are rows of their own, written with the workflow', async () => {
    const first = definitionOf('first');
    expect(await apply({ ...about('wf_1', 1, created, published(1, first)), by: ACTOR })).toBe(true);
    expect(await apply(about('wf_1', 3, activated(1)), about('wf_1', 4, published(2, definitionOf('second'))))).toBe(
      true,
    );
    expect(await listWorkflowVersions(database, { ...wf1, limit: 10 })).toEqual({
      activeVersion: 1,
      versions: [
        expect.objectContaining({ version: 2, name: 'second', createdAt: at(1), createdBy: null }),
        {
          workflowId: 'wf_1',
          version: 1,
          name: 'first',
          contentHash: 'sha256:v1',
          warnings: [],
          createdAt: at(0),
          createdBy: ACTOR,
        },
      ],
    });
    const found = await findWorkflowVersions(database, wf1, [2, 1, 3]);
    expect(found?.map((one) => one?.definition.name)).toEqual(['second', 'first', undefined]);
    expect(found?.[1]?.definition).toEqual(first);
  });

  it('hold any text that people send', async () => {
    const nasty = definitionOf(NASTY, NASTY);
    await apply(about('wf_1', 1, created, published(1, nasty)));
    expect((await findWorkflowVersions(database, wf1, [1]))?.[0]?.definition).toEqual(nasty);
    expect(await listWorkflows(database, { workspaceId: 'ws_1', limit: 1, q: 'NUL \u0000' })).toHaveLength(1);
  });

  it('come by pages, newest first', async () => {
    const more = [2, 3, 4, 5].map((version) => published(version, definitionOf(`v${version}`)));
    await apply(about('wf_1', 1, created, published(1, definitionOf('v1')), ...more));
    expect(await versionsOf({ limit: 2 })).toEqual([5, 4]);
    expect(await versionsOf({ limit: 2, before: 4 })).toEqual([3, 2]);
    expect(await versionsOf({ limit: 2, before: 1 })).toEqual([]);
  });

  it('are there for their workspace alone, and not once the workflow is archived', async () => {
    await apply(about('wf_1', 1, created, published(1, definitionOf('x'))));
    const stranger = { ...wf1, workspaceId: 'ws_2' };
    expect(await listWorkflowVersions(database, { ...stranger, limit: 1 })).toBeUndefined();
    expect(await findWorkflowVersions(database, stranger, [1])).toBeUndefined();
    await apply(about('wf_1', 3, archived));
    expect(await versionsOf()).toBeUndefined();
    expect(await findWorkflowVersions(database, wf1, [1])).toBeUndefined();
    expect(await findWorkflow(database, 'ws_1', 'wf_1')).toBeUndefined();
    expect(await listWorkflows(database, { workspaceId: 'ws_1', limit: 9 })).toEqual([]);
  });

  it('are written again when the log is read again, and the rows that are ahead stay', async () => {
    const history = [
      about('wf_1', 1, created, published(1, definitionOf('first'))),
      about('wf_1', 3, published(2, definitionOf('second'))),
      about('wf_1', 4, activated(2)),
    ];
    await apply(...history);
    const before = await findWorkflow(database, 'ws_1', 'wf_1');
    await database.query('truncate workflow_versions, projection_checkpoints');
    sequence = 0;
    for (const said of history) await apply(said);
    expect(await versionsOf()).toEqual([2, 1]);
    expect(await findWorkflow(database, 'ws_1', 'wf_1')).toEqual(before);
  });

  it('are not written when the checkpoint was moved by somebody else', async () => {
    await openCheckpoint(database, 'WORKFLOWS', 'born');
    await database.query('update projection_checkpoints set sequence = 7');
    const from = { stream: 'WORKFLOWS', createdAt: 'born', sequence: 0, digest: '', generation: 0 };
    const commit = { id: 'c', at: at(0), ...about('wf_1', 1, created, published(1, definitionOf('x'))) };
    const batch = [{ subject: 'workflows.wf_1', sequence: 1, data: Buffer.from(codec.encode(commit)) }];
    const applied = new WorkflowProjection(database, codec).apply(batch, { from, to: { sequence: 1, digest: '' } });
    expect(await applied).toBe(false);
    expect(await database.query('select from workflow_versions')).toEqual([]);
  });

  it('get a hash when they were published before there were hashes', async () => {
    const definition = definitionOf('old');
    const old: WorkflowEvent = {
      type: 'WorkflowVersionPublished',
      data: { version: 1, definition, newEndpoints: [] },
    };
    await apply(about('wf_1', 1, created, old));
    const found = await findWorkflowVersions(database, wf1, [1]);
    expect(found?.[0]?.summary.contentHash).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('tell which workflows use a credential: those whose active version names it', async () => {
    const using = (credentialId: string): readonly WorkflowEvent[] => [
      created,
      published(1, definitionOf('uses', credentialId)),
    ];
    await apply(
      about('wf_active', 1, ...using('cr_1'), activated(1)),
      about('wf_inactive', 1, ...using('cr_1')),
      about('wf_other', 1, ...using('cr_2'), activated(1)),
      about('wf_left', 1, ...using('cr_1'), published(2, definitionOf('uses none')), activated(2)),
      about('wf_kept', 1, ...using('cr_1'), published(2, definitionOf('renamed')), activated(1)),
      about('wf_archived', 1, ...using('cr_1'), activated(1), { type: 'WorkflowDeactivated', data: {} }, archived),
    );
    const usersOf = (id: string, workspaceId = 'ws_1') =>
      findWorkflowsUsing(database, workspaceId, { kind: 'credential', id });
    const found = await usersOf('cr_1');
    expect(found).toEqual([
      { id: 'wf_kept', name: 'renamed' },
      { id: 'wf_active', name: 'uses' },
    ]);
    expect(await usersOf('cr_1', 'ws_2')).toEqual([]);
    expect(await usersOf('cr_3')).toEqual([]);
  });

  it('tell which workflows use an email template, which is another thing of the same id', async () => {
    const definition = {
      ...definitionOf('mails'),
      nodes: [{ id: 'send', type: 'email.send', config: { credentialId: 'cr_1', template: { id: 'tpl_1' } } }],
    };
    await apply(about('wf_mails', 1, created, published(1, definition), activated(1)));
    const usersOf = (kind: 'credential' | 'emailTemplate', id: string) =>
      findWorkflowsUsing(database, 'ws_1', { kind, id });
    expect(await usersOf('emailTemplate', 'tpl_1')).toEqual([{ id: 'wf_mails', name: 'mails' }]);
    expect(await usersOf('credential', 'tpl_1')).toEqual([]);
    expect(await usersOf('emailTemplate', 'cr_1')).toEqual([]);
  });

  it('tell which workflows call an OpenAPI document', async () => {
    const config = { documentId: 'oad_1', version: 1, operationId: 'a' };
    const definition = { ...definitionOf('calls'), nodes: [{ id: 'call', type: 'openapi.request', config }] };
    await apply(about('wf_calls', 1, created, published(1, definition), activated(1)));
    const found = await findWorkflowsUsing(database, 'ws_1', { kind: 'openapiDocument', id: 'oad_1' });
    expect(found).toEqual([{ id: 'wf_calls', name: 'calls' }]);
  });
});

describe('webhooks', () => {
  it('that were there before their table are in it when the log was read again, and workflows stay as they are', async () => {
    await using database = await createTestDatabase();
    await migrate(database.url, 'm0009-attempts-in-doubt');
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    try {
      const query = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[];
      const endpoint = { webhookId: 'wh_1', nodeId: 'hook', token: 'first' };
      const events: WorkflowEvent[] = [
        created,
        {
          type: 'WorkflowVersionPublished',
          data: { version: 1, definition: definitionOf('one'), newEndpoints: [endpoint], contentHash: 'x' },
        },
        { type: 'WebhookRotated', data: { webhookId: 'wh_1', token: 'second', graceUntil: at(9) } },
      ];
      const data = Buffer.from(
        codec.encode({ id: 'c1', at: at(0), aggregateId: 'wf_1', firstVersion: 1, events: [...events, activated(1)] }),
      );
      await query(
        `insert into workflows (id, workspace_id, name, active, created_at, revision, record)
         values ('wf_1', 'ws_1', 'ahead', false, now(), 9, '{"ahead": true}')`,
      );
      await query(`insert into projection_checkpoints values ('WORKFLOWS', 'born', 7, 'of 7')`);
      await migrate(database.url);
      const from = await openCheckpoint({ query }, 'WORKFLOWS', 'born');
      expect(from.sequence).toBe(0);
      const projection = new WorkflowProjection({ query }, codec);
      expect(
        await projection.apply([{ subject: 'workflows.wf_1', sequence: 1, data }], {
          from,
          to: { sequence: 1, digest: 'of 1' },
        }),
      ).toBe(true);
      const found = { webhookId: 'wh_1', workspaceId: 'ws_1', workflowId: 'wf_1', nodeId: 'hook' };
      expect(await findWebhook({ query }, 'ws_1', 'wh_1')).toEqual(found);
      expect(await findWebhook({ query }, 'ws_2', 'wh_1')).toBeUndefined();
      expect(await query('select name, record from workflows')).toEqual([{ name: 'ahead', record: { ahead: true } }]);
    } finally {
      await pool.end();
    }
  });
});

describe('the migration that brings versions', () => {
  it('has the projector read the log of workflows again, and that one alone', async () => {
    await using database = await createTestDatabase();
    await migrate(database.url, 'm0002-read-models');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(
        `insert into workflows values ('wf_1', 'ws_1', 'of before', true, now(), 3, '{"activeVersion": 1}')`,
      );
      await client.query(
        `insert into projection_checkpoints values ('WORKFLOWS', 'born', 7, 'of 7'), ('EXECUTIONS_0', 'born', 9, 'of 9')`,
      );
      await migrate(database.url, 'm0004-workflow-versions');
      const { rows } = await client.query(
        'select stream, sequence, digest from projection_checkpoints order by stream',
      );
      expect(rows).toEqual([
        { stream: 'EXECUTIONS_0', sequence: '9', digest: 'of 9' },
        { stream: 'WORKFLOWS', sequence: '0', digest: '' },
      ]);
      expect((await client.query('select from workflows')).rowCount).toBe(0);
    } finally {
      await client.end();
    }
  });
});

import { InvariantError } from '#libs/kernel';
import type { Checkpoint } from './checkpoint.ts';
import type { Database, TransactionalDatabase } from './database.ts';
import { PROJECTION_TABLES, type ProjectionName } from './projections.ts';

/** Beside its tables each rebuild has these of its own, so that nothing of it is mistaken for the live one's. */
const OWN = ['projection_checkpoints', 'parked_events'];

/** Schema in which a projection is rebuilt, under the names that its tables have when it is live. */
export function rebuildSchema(projection: ProjectionName): string {
  return `rebuild_${projection.toLowerCase()}`;
}

/** Where the live tables are. */
export async function homeSchema(database: Database): Promise<string> {
  const [row] = await database.query<{ name: string | null }>('select quote_ident(current_schema()) as name');
  if (!row?.name) throw new InvariantError('the search_path of the database leads nowhere');
  return row.name;
}

/** Empty tables for this order; those of the same order stay as they are, so that it goes on where it was. */
export async function openRebuildTables(
  database: TransactionalDatabase,
  projection: ProjectionName,
  orderId: string,
): Promise<void> {
  const schema = rebuildSchema(projection);
  if ((await ownerOf(database, schema)) === orderId) return;
  await database.transaction(async (within) => {
    const home = await homeSchema(within);
    await within.query(`drop schema if exists ${schema} cascade`);
    await within.query(`create schema ${schema}`);
    await within.query(`comment on schema ${schema} is '${orderId}'`);
    for (const table of [...tablesOf(projection), ...OWN]) await createLike(within, table, { home, schema });
    for (const table of OWN) await createIndexes(within, table, { home, schema, isDeferred: false });
    for (const table of tablesOf(projection)) await createIndexes(within, table, { home, schema, isDeferred: false });
  });
}

export async function dropRebuildTables(database: Database, projection: ProjectionName): Promise<void> {
  await database.query(`drop schema if exists ${rebuildSchema(projection)} cascade`);
}

/** Whether there are tables of a rebuild, begun or left behind. */
export async function hasRebuildTables(database: Database, projection: ProjectionName): Promise<boolean> {
  return (await ownerOf(database, rebuildSchema(projection))) !== undefined;
}

/** Indexes beyond the keys, which cost least when they are made at once and last; those that are there stay. */
export async function indexRebuildTables(database: TransactionalDatabase, projection: ProjectionName): Promise<void> {
  const [home, schema] = [await homeSchema(database), rebuildSchema(projection)];
  for (const table of tablesOf(projection)) {
    // Sorted in memory as far as that goes; for this transaction alone.
    await database.transaction(async (within) => {
      await within.query(`set local maintenance_work_mem = '256MB'`);
      await createIndexes(within, table, { home, schema, isDeferred: true });
    });
    await database.query(`analyze ${schema}.${table}`);
  }
}

/** How far the rebuild is; undefined when it has no tables (any more). */
export async function rebuildCheckpoints(
  database: Database,
  projection: ProjectionName,
): Promise<Pick<Checkpoint, 'stream' | 'sequence'>[] | undefined> {
  const schema = rebuildSchema(projection);
  try {
    const rows = await database.query<{ stream: string; sequence: string }>(
      `select stream, sequence from ${schema}.projection_checkpoints`,
    );
    return rows.map(({ stream, sequence }) => ({ stream, sequence: Number(sequence) }));
  } catch (error) {
    // Asked for beforehand, it could be gone at this moment all the same.
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return undefined;
    throw error;
  }
}

const UNDEFINED_TABLE = '42P01';

export function tablesOf(projection: ProjectionName): readonly string[] {
  return PROJECTION_TABLES[projection].map(({ name }) => name);
}

/** The order that the schema's tables are of; undefined when there is no such schema. */
async function ownerOf(database: Database, schema: string): Promise<string | undefined> {
  const [row] = await database.query<{ owner: string | null }>(
    `select obj_description(oid, 'pg_namespace') as owner from pg_namespace where nspname = $1`,
    [schema],
  );
  return row && (row.owner ?? '');
}

interface Place {
  readonly home: string;
  readonly schema: string;
}

/** The columns with all that belongs to them, and the table's own settings, which `like` leaves behind. */
async function createLike(database: Database, table: string, { home, schema }: Place): Promise<void> {
  await database.query(`create table ${schema}.${table} (like ${home}.${table} including all excluding indexes)`);
  const [row] = await database.query<{ options: string[] | null }>(
    `select reloptions as options from pg_class where oid = '${home}.${table}'::regclass`,
  );
  if (row?.options) await database.query(`alter table ${schema}.${table} set (${row.options.join(', ')})`);
}

/** Under the names that the live ones have: migrations know them by these. */
async function createIndexes(
  database: Database,
  table: string,
  { home, schema, isDeferred }: Place & { readonly isDeferred: boolean },
): Promise<void> {
  const rows = await database.query<{ name: string; index: string; constraint: string | null }>(
    `select c.relname as name, pg_get_indexdef(i.indexrelid) as index, pg_get_constraintdef(k.oid) as constraint
     from pg_index i join pg_class c on c.oid = i.indexrelid
     left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
     where i.indrelid = '${home}.${table}'::regclass
       and (i.indisunique or i.indisexclusion) = not $1::boolean
       and to_regclass($2 || '.' || quote_ident(c.relname)) is null
     order by c.relname`,
    [isDeferred, schema],
  );
  for (const { name, index, constraint } of rows) {
    if (constraint === null) await database.query(index.replace(` ON ${home}.${table} `, ` ON ${schema}.${table} `));
    else await database.query(`alter table ${schema}.${table} add constraint ${name} ${constraint}`);
  }
}

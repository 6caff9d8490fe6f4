import type { Database } from './database.ts';
import { PROJECTION_TABLES, type ProjectionName, type ProjectionTable } from './projections.ts';
import type { RebuildChecksum } from './rebuild-orders.ts';
import { rebuildSchema } from './rebuild-tables.ts';

const MAX_DIFFERING = 10;
/** A stream forgets and a table forgets by age, each in its own time: what is about to go is not compared. */
const AGE_MARGIN_MS = 5 * 60_000;

export interface Compared {
  /** Of the projection's first table. */
  readonly rows: number;
  readonly checksum: RebuildChecksum;
}

interface Sides {
  readonly home: string;
  readonly projection: ProjectionName;
  /** When the stream's first message was stored; undefined while nothing of it has gone. */
  readonly trimmedAtMs: number | undefined;
}

/**
 * Holds all rows of both against each other, in any order: the sum of each row's hash. To be asked in one
 * snapshot, taken while both stood at the same checkpoint.
 */
export async function compareRows(snapshot: Database, sides: Sides): Promise<Compared> {
  const { home, projection } = sides;
  const sums: { readonly table: ProjectionTable; readonly rebuilt: Sum; readonly live: Sum }[] = [];
  for (const table of PROJECTION_TABLES[projection].filter(({ compared }) => compared?.length !== 0)) {
    const where = aged(table, sides);
    const rebuilt = await sumOf(snapshot, rowsOf(table, rebuildSchema(projection), where));
    sums.push({ table, rebuilt, live: await sumOf(snapshot, rowsOf(table, home, where)) });
  }
  const uneven = sums.filter(({ rebuilt, live }) => rebuilt.hash !== live.hash || rebuilt.rows !== live.rows);
  const differing: string[] = [];
  for (const { table } of uneven) differing.push(...(await differingKeys(snapshot, table, sides)));
  const checksum = {
    same: uneven.length === 0,
    rebuilt: sums.map(({ rebuilt }) => rebuilt.hash).join(':'),
    live: sums.map(({ live }) => live.hash).join(':'),
    ...(uneven.length > 0 ? { differing: differing.slice(0, MAX_DIFFERING) } : {}),
  };
  return { rows: sums[0]?.rebuilt.rows ?? 0, checksum };
}

export async function countRows(database: Database, projection: ProjectionName): Promise<number> {
  const [table] = PROJECTION_TABLES[projection];
  const [row] = await database.query<{ count: string }>(
    `select count(*) from ${rebuildSchema(projection)}.${table?.name}`,
  );
  return Number(row?.count ?? 0);
}

interface Sum {
  readonly rows: number;
  /** The number of rows and the sum of their hashes, of 64 bits. */
  readonly hash: string;
}

/** Key and hash of each row that counts. */
function rowsOf({ name, key, compared }: ProjectionTable, schema: string, where: string): string {
  const row = compared ? `row(${compared.map((column) => `t.${column}`).join(', ')})` : 't';
  return `(select ${key} as key, hashtextextended(${row}::text, 0) as hash from ${schema}.${name} t ${where})`;
}

async function sumOf(snapshot: Database, rows: string): Promise<Sum> {
  const [row] = await snapshot.query<{ rows: string; sum: string }>(
    `select count(*) as rows, mod(coalesce(sum(hash::numeric), 0) + 2::numeric ^ 64 * count(*),
       2::numeric ^ 64)::numeric(20) as sum
     from ${rows} t`,
  );
  const { rows: count, sum } = row ?? { rows: '0', sum: '0' };
  return { rows: Number(count), hash: `${count}-${BigInt(sum).toString(16).padStart(16, '0')}` };
}

async function differingKeys(snapshot: Database, table: ProjectionTable, sides: Sides): Promise<string[]> {
  const where = aged(table, sides);
  const rows = await snapshot.query<{ key: string }>(
    `select key from ${rowsOf(table, rebuildSchema(sides.projection), where)} rebuilt
     full join ${rowsOf(table, sides.home, where)} live using (key)
     where rebuilt.hash is distinct from live.hash order by key limit ${MAX_DIFFERING}`,
  );
  return rows.map(({ key }) => `${table.name} ${key}`);
}

/** Of both: a row that is too old on the live side can look young when it was made of what is left of it. */
function aged({ name, key, ageColumn }: ProjectionTable, { home, trimmedAtMs }: Sides): string {
  if (ageColumn === undefined || trimmedAtMs === undefined) return '';
  const since = `to_timestamp(${(trimmedAtMs + AGE_MARGIN_MS) / 1000})`;
  return `where t.${ageColumn} >= ${since} and not exists (
    select from ${home}.${name} old where old.${key} = t.${key} and old.${ageColumn} < ${since})`;
}

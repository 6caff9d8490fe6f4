import { Conditions, type ListPlace } from './conditions.ts';
import type { Database } from './database.ts';
import { addLineConditions, NEWEST_FIRST, newestOf, type LineQuery } from './execution-line.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { epochMs } from './rows.ts';
import { findShelves, nameOfShelf } from './shelves.ts';
import type { Term } from './terms.ts';

export interface ExecutionSearch extends LineQuery {
  readonly triggerType?: string;
  /** One of these started it. */
  readonly triggerTypes?: readonly string[];
  /** All of which an execution on that shelf has; at least one. */
  readonly termsOn: (shelf: string) => readonly Term[];
  readonly limit: number;
}

/** Rows that are looked at in the list's order before shelves are: what one in five has fills a page by them. */
const WALK = 250;
/** A shelf as a search sees it. */
interface AskedShelf {
  readonly name: string;
  /** Creation of what it holds, in epoch milliseconds. */
  readonly oldest: number;
  readonly newest: number;
  /** What is asked for, as Postgres writes an array. */
  readonly terms: string;
}

interface Found {
  readonly id: string;
  /** Creation in epoch milliseconds. */
  readonly createdMs: number;
}

/**
 * The newest that have all the terms. What is common is met soon by walking the list. What is not is found by the index
 * of terms, which knows no order: so it is asked for one shelf after the other, from the newest, until there is a page.
 */
export async function searchExecutions(database: Database, search: ExecutionSearch): Promise<ExecutionRecord[]> {
  const shelves = await askedShelves(database, search);
  const walk = await walkNewest(database, search, shelves);
  const found = walk.end ? [...walk.found, ...(await searchShelves(database, search, { shelves, walk }))] : walk.found;
  return recordsOf(database, found.slice(0, search.limit));
}

async function askedShelves(database: Database, search: ExecutionSearch): Promise<AskedShelf[]> {
  const { workspaceId, from, to, after } = search;
  const until = after?.createdAt ?? to;
  const span = { workspaceId, ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
  return (await findShelves(database, span)).map(({ oldest, newest, ...place }) => {
    const name = nameOfShelf(place);
    return { name, oldest, newest, terms: `{${search.termsOn(name).join()}}` };
  });
}

interface Walk {
  /** From the newest, up to the limit. */
  readonly found: readonly Found[];
  /** Where the walk ended; null when it found enough, or there is no more. */
  readonly end: ListPlace | null;
}

/** A scan of `walked` is lazy and in its order, so that what is common ends it early. */
async function walkNewest(database: Database, search: ExecutionSearch, shelves: readonly AskedShelf[]): Promise<Walk> {
  const conditions = new Conditions();
  const asked = conditions.place(JSON.stringify(Object.fromEntries(shelves.map(({ name, terms }) => [name, terms]))));
  const newest = newestOf(search, conditions, { columns: 'shelf, terms, trigger_type', limit: WALK });
  const ofTypes = oneOfTypes(conditions, search.triggerTypes);
  const [walk] = await database.query<Walk>(
    `with walked as materialized (
       select created_at, id, terms @> (${asked}::jsonb ->> shelf)::bigint[]${ofTypes} as matches
       from ${newest} as newest order by ${NEWEST_FIRST}
     ),
     matching as materialized (select created_at, id from walked where matches limit ${search.limit})
     select
       (select coalesce(json_agg(json_build_object('id', id, 'createdMs', ${epochMs('created_at')}) order by ${NEWEST_FIRST}), '[]')
        from matching) as found,
       case when (select count(*) from matching) < ${search.limit} then
         (select json_build_object('id', id, 'createdAt', created_at) from walked offset ${WALK - 1})
       end as end`,
    conditions.parameters,
  );
  return walk ?? { found: [], end: null };
}

/** What shelves hold after the end of the walk, from the newest; no less than is missing, if there is as much. */
async function searchShelves(
  database: Database,
  search: ExecutionSearch,
  { shelves, walk }: { readonly shelves: readonly AskedShelf[]; readonly walk: Walk },
): Promise<Found[]> {
  const limit = search.limit - walk.found.length;
  const rest = { ...search, limit, ...(walk.end ? { after: walk.end } : {}) };
  const found: Found[] = [];
  for (let open = shelves; open.length > 0;) {
    const taken = await takeFromShelves(database, rest, open);
    open = open.slice(taken.done);
    found.push(...taken.found);
    found.sort(newestFirst);
    // What the next shelf may hold comes before what is older than its newest.
    const [next] = open;
    if (next && (found[limit - 1]?.createdMs ?? -Infinity) > next.newest) break;
  }
  return found;
}

/**
 * Up to a page of each shelf, from the first on, until there is one page of each that overlaps with the first, and one
 * more. The join reads shelves in their order and stops at its limit; the last shelf, which that may have cut, does not
 * count as done. `offset 0` keeps Postgres from any other index: it takes terms for less selective than they are on one
 * shelf.
 */
async function takeFromShelves(
  database: Database,
  search: ExecutionSearch,
  shelves: readonly AskedShelf[],
): Promise<{ readonly found: Found[]; readonly done: number }> {
  const conditions = new Conditions();
  addLineConditions(conditions, search);
  conditions.add((place) => `status = ${place}`, search.status);
  conditions.add((place) => `trigger_type = ${place}`, search.triggerType);
  const ofTypes = oneOfTypes(conditions, search.triggerTypes);
  const asked = conditions.place(shelves.map(({ terms }) => terms));
  const most = (1 + overlapOf(shelves)) * search.limit;
  const rows = await database.query<Found & { readonly shelf: number }>(
    `select asked.place::int as shelf, id, ${epochMs('created_at')} as "createdMs"
     from unnest(${asked}::text[]) with ordinality as asked(terms, place)
     cross join lateral (
       select created_at, id
       from (select * from executions where terms @> asked.terms::bigint[] offset 0) as executions
       where ${conditions.sql}${ofTypes}
       order by ${NEWEST_FIRST} limit ${search.limit}
     ) as newest
     order by asked.place limit ${most}`,
    conditions.parameters,
  );
  if (rows.length < most) return { found: rows, done: shelves.length };
  const done = (rows.at(-1)?.shelf ?? 1) - 1;
  return { found: rows.filter(({ shelf }) => shelf <= done), done };
}

async function recordsOf(database: Database, found: readonly Found[]): Promise<ExecutionRecord[]> {
  if (found.length === 0) return [];
  const rows = await database.query<{ record: ExecutionRecord }>(
    `select record from executions where id = any($1) order by ${NEWEST_FIRST}`,
    [found.map(({ id }) => id)],
  );
  return rows.map((row) => row.record);
}

/** Not a condition of the walk, which would look at any number of rows for it. */
function oneOfTypes(conditions: Conditions, types: readonly string[] | undefined): string {
  return types ? ` and trigger_type = any(${conditions.place(types)})` : '';
}

/** How many hold what may be newer than something on the first: those that other streams fill at the same time. */
function overlapOf(shelves: readonly AskedShelf[]): number {
  const oldest = shelves[0]?.oldest ?? 0;
  return shelves.filter(({ newest }) => newest >= oldest).length;
}

function newestFirst(one: Found, other: Found): number {
  return other.createdMs - one.createdMs || (one.id < other.id ? 1 : -1);
}

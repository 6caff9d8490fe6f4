import { LRUCache } from 'lru-cache';
import type { Database } from './database.ts';
import { epochMs } from './rows.ts';

/**
 * Executions that one shelf takes. Of a search that goes from shelf to shelf it bounds what is collected before it can
 * stop, and a shelf where there is nothing costs it some 15 µs.
 */
export const SHELF_CAPACITY = 4096;
/** Workspaces whose open shelf is known; of others it is read. More than a batch can have. */
const MAX_OPEN = 5_000;

/** Executions of one workspace that one stream of the log told of one after the other. */
export interface ShelfPlace {
  readonly stream: string;
  /** From 1, the open one being the last. */
  readonly number: number;
}

/** What a batch adds to a shelf. */
export interface ShelfGrowth extends ShelfPlace {
  readonly workspaceId: string;
  /** Of all that is on it now. */
  readonly size: number;
  /** Creation of the oldest and the newest that were added. */
  readonly oldest: string;
  readonly newest: string;
}

export function nameOfShelf({ stream, number }: ShelfPlace): string {
  return `${stream}/${number}`;
}

interface OpenShelf {
  readonly number: number;
  readonly size: number;
}

/**
 * Puts the new executions of one stream on shelves. Like the cache of records it is right only while this projector is
 * the one that moves the checkpoint; it is cleared whenever that is in doubt.
 */
export class ShelfKeeper {
  readonly #open = new LRUCache<string, OpenShelf>({ max: MAX_OPEN });
  readonly #grown = new Map<string, ShelfGrowth>();

  constructor(private readonly capacity = SHELF_CAPACITY) {}

  /** To be called with the workspaces of a batch before its executions are put. */
  async load(database: Database, stream: string, workspaceIds: Iterable<string>): Promise<void> {
    const unknown = [...new Set(workspaceIds)].filter((id) => !this.#open.has(id));
    for (const id of unknown) this.#open.set(id, { number: 1, size: 0 });
    for (const { id, number, size } of await findOpenShelves(database, stream, unknown))
      this.#open.set(id, { number, size });
  }

  /** Puts an execution on the open shelf of its workspace, and gives its name. */
  put(
    stream: string,
    { workspaceId, createdAt }: { readonly workspaceId: string; readonly createdAt: string },
  ): string {
    const open = this.#open.get(workspaceId) ?? { number: 1, size: 0 };
    const { number, size } = open.size < this.capacity ? open : { number: open.number + 1, size: 0 };
    const name = nameOfShelf({ stream, number });
    const { oldest = createdAt, newest = createdAt } = this.#grown.get(`${workspaceId} ${name}`) ?? {};
    this.#open.set(workspaceId, { number, size: size + 1 });
    this.#grown.set(`${workspaceId} ${name}`, {
      ...{ stream, number, workspaceId, size: size + 1 },
      oldest: createdAt < oldest ? createdAt : oldest,
      newest: createdAt > newest ? createdAt : newest,
    });
    return name;
  }

  /** What was added since it was asked the last time. */
  takeGrowth(): ShelfGrowth[] {
    const grown = [...this.#grown.values()];
    this.#grown.clear();
    return grown;
  }

  clear(): void {
    this.#open.clear();
    this.#grown.clear();
  }
}

async function findOpenShelves(
  database: Database,
  stream: string,
  workspaceIds: readonly string[],
): Promise<(OpenShelf & { readonly id: string })[]> {
  if (workspaceIds.length === 0) return [];
  return database.query(
    `select distinct on (workspace_id) workspace_id as id, number, size from execution_shelves
     where workspace_id = any($1) and stream = $2 order by workspace_id, number desc`,
    [workspaceIds, stream],
  );
}

/** A shelf as who looks for executions sees it: instants in epoch milliseconds. */
export interface FoundShelf extends ShelfPlace {
  readonly oldest: number;
  readonly newest: number;
}

/** Shelves of a workspace that may hold executions of a span of time, from the newest. */
export async function findShelves(
  database: Database,
  span: { readonly workspaceId: string; readonly from?: string; readonly until?: string },
): Promise<FoundShelf[]> {
  return database.query(
    `select stream, number, ${epochMs('oldest')} as oldest, ${epochMs('newest')} as newest from execution_shelves
     where workspace_id = $1 and newest >= coalesce($2, '-infinity'::timestamptz)
       and oldest <= coalesce($3, 'infinity'::timestamptz)
     order by execution_shelves.newest desc`,
    [span.workspaceId, span.from ?? null, span.until ?? null],
  );
}

import type { EventStore } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { findDescendants, findWithAncestors, type Database } from '#libs/read-models';
import { objectsIn } from './archived-history.ts';

/** A family that is larger keeps its objects: to look into all of them costs more than they do. */
const MAX_RELATIVES = 200;

interface Member {
  readonly workspaceId: string;
  readonly executionId: string;
}

/** Executions that may hold the same data: what it comes from, what came of it, and what came of whence it comes. */
export async function relativesOf(
  database: Database,
  { workspaceId, executionId }: Member,
): Promise<readonly string[]> {
  const line = await findWithAncestors(database, workspaceId, executionId);
  const from = line.map(({ id, origin }) => origin?.executionId ?? id);
  const families = await Promise.all(
    [executionId, ...from].map((id) => findDescendants(database, workspaceId, { id, limit: MAX_RELATIVES + 1 })),
  );
  const ids = new Set([...line, ...families.flat()].map(({ id }) => id));
  ids.delete(executionId);
  return [...ids];
}

/** Of these objects, those that no relative refers to. */
export async function unsharedObjects(
  objects: readonly string[],
  relatives: readonly string[],
  store: EventStore<ExecutionEvent>,
): Promise<readonly string[]> {
  if (objects.length === 0 || relatives.length > MAX_RELATIVES) return [];
  const shared = new Set<string>();
  for (const relative of relatives) {
    for await (const commit of store.readHistory(relative))
      for (const object of objectsIn([commit])) shared.add(object);
  }
  return objects.filter((object) => !shared.has(object));
}

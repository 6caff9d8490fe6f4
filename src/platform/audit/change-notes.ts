import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor } from '#libs/event-sourcing';
import type { JsonObject } from '#libs/kernel';

/** What a use case tells the audit of what it does: a few fields, never a payload or a secret. */
export interface ChangeNote {
  /** Id or name of what was changed, where the route does not tell it. */
  readonly target?: string;
  readonly before?: JsonObject | null;
  readonly after?: JsonObject | null;
}

/** Who turned out to be the caller. */
export interface NotedActor {
  readonly workspaceId: string;
  readonly actor: Actor;
}

/** What was noted while one request was carried out. */
export interface Notes {
  change: ChangeNote;
  actor: NotedActor | undefined;
}

// Not injected: it would stand in the constructor of every use case, and be no part of what one does.
const notesOfRequest = new AsyncLocalStorage<Notes>();

/** Carries the work out; what it notes is in `notes` when it has ended. */
export function noting<Result>(notes: Notes, work: () => Promise<Result>): Promise<Result> {
  return notesOfRequest.run(notes, work);
}

/** For the entry of the request that is being carried out; does nothing where none is. Fields noted later win. */
export function noteChange(note: ChangeNote): void {
  const notes = notesOfRequest.getStore();
  if (notes) notes.change = { ...notes.change, ...note };
}

export function noteActor(actor: NotedActor): void {
  const notes = notesOfRequest.getStore();
  if (notes) notes.actor = actor;
}

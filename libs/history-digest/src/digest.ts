import { hash } from 'node:crypto';
import type { Commit } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { canonicalJson } from '#libs/workflow-definition';
import { erasedEvent } from './erased-event.ts';

/** Of a history without events: 32 zero bytes. All digests are base64url. */
export const EMPTY_HISTORY = Buffer.alloc(32).toString('base64url');

/** What of a commit belongs to the history; how it was stored, and what was to follow from it, does not. */
export type DigestedCommit = Pick<Commit<ExecutionEvent>, 'firstVersion' | 'at' | 'actor' | 'events'>;

/** The digest of the history up to and with the commit; `previous` is that of all before it. */
export function digestAfter(previous: string, commit: DigestedCommit): string {
  return commit.events.reduce((digest, _, index) => next(digest, eventHashOf(commit, index)), previous);
}

/** As `digestAfter`, after each of the commit's events. */
export function digestsAfterEach(previous: string, commit: DigestedCommit): readonly string[] {
  let digest = previous;
  return commit.events.map((_, index) => (digest = next(digest, eventHashOf(commit, index))));
}

function next(previous: string, event: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from(previous, 'base64url'), event]), 'base64url');
}

function eventHashOf({ firstVersion, at, actor, events }: DigestedCommit, index: number): Buffer {
  const event = events[index] as ExecutionEvent;
  const told = { version: firstVersion + index, type: event.type, at, data: erasedEvent(event).data };
  return hash('sha256', canonicalJson(actor ? { ...told, actor } : told), 'buffer');
}

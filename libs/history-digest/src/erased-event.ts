import { mapPayloads, type ExecutionEvent } from '#libs/execution-engine';
import { commitmentOf } from './commitment.ts';

/** The event with all its payloads erased: what is left says what they were, and not what was in them. */
export function erasedEvent(event: ExecutionEvent): ExecutionEvent {
  return mapPayloads(event, (payload) => ({ erased: commitmentOf(payload) }));
}

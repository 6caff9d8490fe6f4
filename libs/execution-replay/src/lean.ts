import type { ExecutionEvent } from '#libs/execution-engine';
import type { RecordedCommit } from './recording.ts';

/** The commit without what no replay looks at, so that a long loop's history takes little memory. */
export function leanCommit({ firstVersion, at, events }: RecordedCommit): RecordedCommit {
  return { firstVersion, at, events: events.map(leanEvent) };
}

function leanEvent(event: ExecutionEvent): ExecutionEvent {
  // What came of a loop is its output.
  if (event.type === 'NodeBatchEnded') return { ...event, data: { ...event.data, results: { value: [] } } };
  return event.type === 'NodeLoopStarted' ? { ...event, data: { ...event.data, items: { value: [] } } } : event;
}

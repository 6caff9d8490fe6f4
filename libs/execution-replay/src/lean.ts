import type { ExecutionEvent } from '#libs/execution-engine';
import type { RecordedCommit } from './recording.ts';

/**
 * The commit without what no replay looks at, so that the history of a long loop takes little memory and time: what came of
 * a loop is its output, not that of its batches. Undefined when nothing is left.
 */
export function leanCommit({ firstVersion, at, events }: RecordedCommit): RecordedCommit | undefined {
  const lean = events.flatMap(leanEvent);
  return lean.length === 0 ? undefined : { firstVersion, at, events: lean };
}

function leanEvent(event: ExecutionEvent): readonly ExecutionEvent[] {
  switch (event.type) {
    case 'NodeBatchEnded':
    case 'NodeBatchScheduled':
    case 'NodeBatchWaiting':
    case 'ResponseDrifted':
      return [];
    case 'NodeLoopStarted': {
      const { resumes: _, ...data } = event.data;
      return [{ ...event, data: { ...data, items: { value: [] } } }];
    }
    default:
      return [event];
  }
}

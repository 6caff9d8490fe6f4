import {
  outputOf,
  type Fault,
  type OwnPayload,
  type ExecutionEvent,
  type StartedExecution,
} from '#libs/execution-engine';
import { InvariantError } from '#libs/kernel';

/** What came of a node in the end, however often it was tried. */
export type Answer =
  | { readonly kind: 'succeeded'; readonly attempt: number; readonly output: OwnPayload }
  | { readonly kind: 'failed'; readonly attempt: number; readonly error: Fault };

export type Answering = Extract<ExecutionEvent, { readonly type: 'NodeSucceeded' | 'NodeFailed' }>;

/** `state`: the one that the history leads to; a node has one last word, so its output there is the event's. */
export function answerIn(event: Answering, state: StartedExecution): Answer {
  const { nodeId, attempt } = event.data;
  if (event.type === 'NodeFailed') return { kind: 'failed', attempt, error: event.data.error };
  const output = outputOf(state, nodeId);
  if (!output) throw new InvariantError(`${nodeId} succeeded and has no output`);
  return { kind: 'succeeded', attempt, output };
}

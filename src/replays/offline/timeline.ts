import type { ExecutionEvent, Payload, WaitTarget } from '#libs/execution-engine';
import { epochMsOf, type JsonValue } from '#libs/kernel';
import type { BundledCommit } from '#libs/replay-bundle';

/** One event, as a person reads it. */
export interface TimelineEntry {
  readonly at: string;
  /** Since the first event. */
  readonly offsetMs: number;
  readonly version: number;
  readonly type: string;
  readonly nodeId: string | null;
  readonly attempt: number | null;
  /** What it says, in a few words. */
  readonly told: string;
}

const LONGEST_TOLD = 80;

export function timelineOf(commits: readonly BundledCommit[]): readonly TimelineEntry[] {
  const startMs = epochMsOf(commits[0]?.at ?? '');
  return commits.flatMap(({ at, firstVersion, events }) =>
    events.map((event, index) => ({
      at,
      offsetMs: epochMsOf(at) - startMs,
      version: firstVersion + index,
      type: event.type,
      nodeId: 'nodeId' in event.data ? event.data.nodeId : null,
      attempt: 'attempt' in event.data ? event.data.attempt : null,
      told: short(toldBy(event)),
    })),
  );
}

/** One case a fact, each of them one line. */
// eslint-disable-next-line complexity -- see above
function toldBy(event: ExecutionEvent): string {
  switch (event.type) {
    case 'ExecutionStarted':
      return `${event.data.trigger.nodeId} ${payloadText(event.data.input)}`;
    case 'NodeSucceeded': {
      const { output, leavesBy } = event.data;
      const by = leavesBy.join(', ') === 'main' ? '' : `by ${leavesBy.join(', ') || 'no output'}: `;
      return by + payloadText(output);
    }
    case 'NodeFailed':
    case 'NodeRetryScheduled':
    case 'ExecutionFailed':
    case 'ExecutionTimedOut':
      return faultText(event.data.error);
    case 'NodeScheduled':
      return event.data.executor;
    case 'NodePostponed': {
      const { reason, dueAt, error } = event.data;
      return `${reason.kind} ${reason.key}, until ${dueAt}${error ? `: ${faultText(error)}` : ''}`;
    }
    case 'NodeWaiting':
      return waitText(event.data.on);
    case 'NodeLoopStarted':
      return `${event.data.count} items, ${event.data.batchSize} a batch, ${event.data.concurrency} at once`;
    case 'NodeBatchEnded':
      return `batch ${event.data.batch}: ${event.data.errors.length} failed, ${event.data.again?.indexes.length ?? 0} again`;
    case 'SignalReceived':
      return `${event.data.name} ${payloadText(event.data.payload)}`;
    case 'ResponseDrifted':
      return event.data.drift.map(({ path, expected, found }) => `${path}: ${found}, not ${expected}`).join('; ');
    case 'TimerFired':
    case 'TimerRearmed':
      return event.data.timerId;
    case 'ExecutionSucceeded':
      return `at ${event.data.endNodes.join(', ')}`;
    case 'ExecutionCancelled':
      return event.data.reason ? faultText(event.data.reason) : '';
    default:
      return '';
  }
}

function payloadText(payload: Payload): string {
  if ('sameAs' in payload) return `as ${payload.sameAs}`;
  if ('erased' in payload) return `(erased, ${payload.erased.bytes} bytes)`;
  return 'value' in payload ? jsonText(payload.value) : '';
}

function jsonText(value: JsonValue): string {
  return JSON.stringify(value);
}

function faultText({ code, message }: { readonly code: string; readonly message: string }): string {
  return `${code}: ${message}`;
}

function waitText(on: WaitTarget): string {
  switch (on.kind) {
    case 'timer':
      return `until ${on.dueAt}`;
    case 'signal':
      return `for the signal ${on.name}`;
    case 'execution':
      return `for ${on.executionId}`;
    case 'person':
      return 'for a person';
  }
}

function short(text: string): string {
  return text.length <= LONGEST_TOLD ? text : `${text.slice(0, LONGEST_TOLD - 1)}…`;
}

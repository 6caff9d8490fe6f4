import { epochMsOf, toInstant, type JsonValue } from '#libs/kernel';
import type { PlannedInner } from '#libs/workflow-definition';
import { failNode, succeedAt } from './advance.ts';
import { delayMs, shouldRetry } from './backoff.ts';
import type { ChildEnd, CommandOf, ItemOutcome } from './commands.ts';
import type { DecisionContext } from './decision-context.ts';
import type { Draft } from './draft.ts';
import { driftOfItems, responseDrifted } from './drift.ts';
import { faultIn } from './fault.ts';
import { isPutBack, putBack } from './limited.ts';
import type { BatchAgain, ItemError, NodeBatchEnded } from './node-events.ts';
import { valueOf, type StoredValues } from './payload.ts';
import { loopNode } from './planned.ts';
import { nodeStateOf, type BatchState, type LoopState, type StartedExecution } from './state.ts';

type Failed = Extract<ItemOutcome, { kind: 'failed' }>;

/** Indexes of a batch's items, those of an open attempt when that is given. */
export function indexesOf(loop: LoopState, batch: number, open?: BatchState): readonly number[] {
  if (open && 'indexes' in open && open.indexes) return open.indexes;
  const from = batch * loop.batchSize;
  return Array.from({ length: Math.min(loop.batchSize, loop.count - from) }, (_, offset) => from + offset);
}

/** The items of a batch were worked on: some again, the next batch, or the end of the loop. */
export function recordBatch(reported: CommandOf<'RecordBatch'>, draft: Draft): void {
  const { context } = draft;
  const { nodeId, batch, attempt } = reported;
  const found = openBatch(draft.state, reported);
  if (found?.open.status !== 'scheduled') return;
  const { loop, open } = found;
  const planned = loopNode(context, nodeId);
  const command = withoutLimited(reported, planned.inner, context);
  const failed = command.outcomes.filter((outcome): outcome is Failed => outcome.kind === 'failed');
  const again = againFor({ command, loop, open, failed, inner: planned.inner }, context);
  const retried = new Set(again?.indexes);
  const errors = failed
    .filter(({ index }) => !retried.has(index))
    .map(({ index, failure }): ItemError => ({ index, ...faultIn(failure) }));
  const ended = batchEnded({ nodeId, batch, attempt, loop, errors, again, results: resultsIn(command.outcomes) });
  draft.record(...responseDrifted(command, driftOfItems(command.outcomes)));
  afterBatch({ nodeId, loop, ended }, draft);
}

/** Items that a limit refused count as not begun. */
function withoutLimited(
  command: CommandOf<'RecordBatch'>,
  { retry }: PlannedInner,
  { executionId, at }: DecisionContext,
): CommandOf<'RecordBatch'> {
  const limited = new Map(
    command.outcomes.flatMap((one) =>
      one.kind === 'failed' && isPutBack(retry, one.failure) ? [[one.index, one.failure] as const] : [],
    ),
  );
  const [first] = limited.values();
  if (!first) return command;
  const { nodeId, batch, attempt } = command;
  const outcomes = command.outcomes.filter(({ index }) => !limited.has(index));
  const limitedUntil = putBack(first, { at, seed: `${executionId}/${nodeId}/${batch}/${attempt}` });
  return { ...command, outcomes, postponed: limitedUntil };
}

/** What is tried again, and when: failed items that may be, and items that were not begun. */
function againFor(
  ended: {
    command: CommandOf<'RecordBatch'>;
    loop: LoopState;
    open: BatchState;
    failed: readonly Failed[];
    inner: PlannedInner;
  },
  context: DecisionContext,
): BatchAgain | undefined {
  const { command, loop, open, failed, inner } = ended;
  const { nodeId, batch, attempt, postponed, outcomes } = command;
  const retried = failed.filter(({ failure }) => shouldRetry(inner.retry, attempt, failure));
  if (loop.onItemError === 'fail' && retried.length < failed.length) return undefined;
  const told = new Set(outcomes.map(({ index }) => index));
  const notBegun = indexesOf(loop, batch, open).filter((index) => !told.has(index));
  const indexes = [...retried.map(({ index }) => index), ...notBegun].sort((one, other) => one - other);
  if (indexes.length === 0) return undefined;
  const delays = retried.map(({ index, failure }) =>
    delayMs(inner.retry, { attempt, failure }, `${context.executionId}/${nodeId}/${index}/${attempt}`),
  );
  const retryAt = epochMsOf(context.at) + Math.max(0, ...delays);
  const dueAt = toInstant(Math.max(retryAt, postponed ? epochMsOf(postponed.dueAt) : 0));
  return { dueAt, indexes, ...(postponed && retried.length === 0 ? { postponed: postponed.reason } : {}) };
}

function resultsIn(outcomes: readonly ItemOutcome[]): JsonValue {
  return outcomes.flatMap((outcome) => (outcome.kind === 'succeeded' ? [[outcome.index, outcome.output]] : []));
}

function batchEnded(told: {
  nodeId: string;
  batch: number;
  attempt: number;
  loop: LoopState;
  errors: readonly ItemError[];
  again: BatchAgain | undefined;
  results: JsonValue;
}): NodeBatchEnded {
  const { nodeId, batch, attempt, loop, errors, again, results } = told;
  const opens = again === undefined && loop.next * loop.batchSize < loop.count ? { opens: loop.next } : {};
  const rest = again === undefined ? opens : { again };
  const data = { nodeId, batch, attempt, results: { value: results }, errors, ...rest, executor: loop.executor };
  return { type: 'NodeBatchEnded', data };
}

/** An item that failed for good ends the whole node, unless the loop goes on without it. */
function afterBatch(
  { nodeId, loop, ended }: { nodeId: string; loop: LoopState; ended: NodeBatchEnded },
  draft: Draft,
): void {
  const planned = loopNode(draft.context, nodeId);
  const [error] = ended.data.errors;
  if (error && loop.onItemError === 'fail') {
    const { opens: _, ...data } = ended.data;
    const { index, code, message, ...more } = error;
    const fault = {
      code: 'ITEM_FAILED',
      message: `item ${index} failed: ${message}`,
      details: { index, code, message, ...more },
    };
    draft.record({ type: 'NodeBatchEnded', data });
    failNode(draft, planned, { attempt: 1, error: fault });
    return;
  }
  const isLast =
    ended.data.again === undefined && ended.data.opens === undefined && Object.keys(loop.open).length === 1;
  draft.record(ended);
  if (isLast)
    succeedAt(draft, planned, { attempt: 1, output: { value: outputOfLoop(loop, ended, draft.context.stored) } });
}

/** Outputs in the items' order, null where there is none, and what failed, in that order too. */
function outputOfLoop(loop: LoopState, { data }: NodeBatchEnded, stored: StoredValues): JsonValue {
  const results = new Array<JsonValue>(loop.count).fill(null);
  for (const payload of [...loop.results, data.results])
    for (const [index, output] of valueOf(payload, stored) as readonly (readonly [number, JsonValue])[])
      results[index] = output;
  const errors = [...loop.errors, ...data.errors].sort((one, other) => one.index - other.index);
  return { results, errors: errors.map((error) => ({ ...error })) };
}

/** The one item of a batch goes on in an execution of its own. */
export function awaitInBatch(
  { nodeId, attempt, batch, executionId }: { nodeId: string; attempt: number; batch: number; executionId: string },
  draft: Draft,
): void {
  if (openBatch(draft.state, { nodeId, batch, attempt })?.open.status === 'scheduled')
    draft.record({ type: 'NodeBatchWaiting', data: { nodeId, batch, attempt, executionId } });
}

/** A child may be over before its parent has recorded that it waits. */
export function recordBatchChildEnd(
  { nodeId, attempt, batch, end }: { nodeId: string; attempt: number; batch: number; end: ChildEnd },
  draft: Draft,
): void {
  const found = openBatch(draft.state, { nodeId, batch, attempt });
  if (!found || found.open.status === 'retrying') return;
  const { loop, open } = found;
  const [index = 0] = indexesOf(loop, batch, open);
  const errors = end.kind === 'failed' ? [{ index, ...end.error }] : [];
  const results = end.kind === 'succeeded' ? [[index, end.output]] : [];
  const ended = batchEnded({ nodeId, batch, attempt, loop, errors, again: undefined, results });
  afterBatch({ nodeId, loop, ended }, draft);
}

/** The batch, if it is not over and at this attempt. */
function openBatch(
  state: StartedExecution,
  { nodeId, batch, attempt }: { readonly nodeId: string; readonly batch: number; readonly attempt: number },
): { readonly loop: LoopState; readonly open: BatchState } | undefined {
  const node = nodeStateOf(state, nodeId);
  if (node?.status !== 'looping') return undefined;
  const open = node.loop.open[batch];
  return open?.attempt === attempt ? { loop: node.loop, open } : undefined;
}

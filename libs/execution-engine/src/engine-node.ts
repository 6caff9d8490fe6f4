import { epochMsOf, toInstant, type JsonValue } from '#libs/kernel';
import type { EngineWork } from '#libs/node-kit';
import type { PlannedEngineNode } from '#libs/workflow-definition';
import type { DecisionContext } from './decision-context.ts';
import type { ExecutionEvent, KeptLoop } from './events.ts';
import type { WaitTarget } from './node-events.ts';
import { valueOf, type OwnPayload, type StoredValues } from './payload.ts';
import type { StartedExecution } from './state.ts';

type Events = readonly ExecutionEvent[];

/** Items of a batch, when the node does not say: enough to keep a history short, few enough to keep a result small. */
const LARGEST_BATCH = 100;
/** However small they may be: each is a fact of the history, or several, when items are tried again. */
const MAX_BATCHES = 5_000;

/**
 * What begins with a node that the engine does itself. When the last event is its success, the node is settled, and what
 * comes behind it must be looked at.
 */
export function beginEngineNode(
  node: PlannedEngineNode,
  work: EngineWork,
  { state, context }: { readonly state: StartedExecution; readonly context: DecisionContext },
): Events {
  if (state.mode === 'dry') return [succeeded(node.id, { value: dryOutput(work) })];
  switch (work.kind) {
    case 'timer':
      return [waiting(node.id, { kind: 'timer', dueAt: dueAtOf(work, context) })];
    case 'signal':
      return beginSignal(node.id, work, { state, context });
    case 'loop':
      return beginLoop(node, work, { kept: state.keptLoops?.[node.id], stored: context.stored });
  }
}

function dueAtOf(work: Extract<EngineWork, { kind: 'timer' }>, { at }: DecisionContext): string {
  return 'at' in work ? work.at : toInstant(epochMsOf(at) + work.delayMs);
}

function beginSignal(
  nodeId: string,
  { name, timeoutMs, onTimeout }: Extract<EngineWork, { kind: 'signal' }>,
  { state, context }: { readonly state: StartedExecution; readonly context: DecisionContext },
): Events {
  const dueAt = timeoutMs === undefined ? {} : { dueAt: toInstant(epochMsOf(context.at) + timeoutMs) };
  const waits = waiting(nodeId, { kind: 'signal', name, ...dueAt, onTimeout });
  const kept = state.signals?.find((signal) => signal.name === name);
  if (!kept) return [waits];
  return [waits, { type: 'SignalDelivered', data: { name, nodeId } }, succeeded(nodeId, kept.payload)];
}

type LoopWork = Extract<EngineWork, { kind: 'loop' }>;
interface Before {
  readonly kept: KeptLoop | undefined;
  readonly stored: StoredValues;
}

/** Batches are worked on at once, the items of each one after the other; so as many items are at once as `concurrency` says. */
function beginLoop(node: PlannedEngineNode, work: LoopWork, before: Before): Events {
  const { items, concurrency, onItemError } = work;
  const { inner } = node;
  if (items.length === 0 || !inner) return [succeeded(node.id, { value: { results: [], errors: [] } })];
  const largest = inner.startsExecutions ? 1 : (work.batchSize ?? LARGEST_BATCH);
  const smallest = Math.ceil(items.length / MAX_BATCHES);
  const batchSize = Math.max(smallest, Math.min(largest, Math.ceil(items.length / concurrency)));
  const { executor, startsExecutions } = inner;
  const resumed = resumedIn(before, work, startsExecutions);
  const data = { nodeId: node.id, attempt: 1, count: items.length, concurrency, onItemError, executor };
  if (!resumed) return [{ type: 'NodeLoopStarted', data: { ...data, items: { value: items }, batchSize } }];
  const { next, open, results, errors } = resumed;
  const resumes = { next, open, results, errors };
  return [{ type: 'NodeLoopStarted', data: { ...data, items: resumed.items, batchSize: resumed.batchSize, resumes } }];
}

/** The loop that another execution began, if this one comes to the very same items. */
function resumedIn({ kept, stored }: Before, { items }: LoopWork, oneByOne: boolean): KeptLoop | undefined {
  if (kept?.count !== items.length || (oneByOne && kept.batchSize > 1)) return undefined;
  return JSON.stringify(valueOf(kept.items, stored)) === JSON.stringify(items) ? kept : undefined;
}

function dryOutput(work: EngineWork): JsonValue {
  switch (work.kind) {
    case 'timer':
      return { waitedMs: 0 };
    case 'signal':
      return { dryRun: true, signal: work.name };
    case 'loop':
      return { results: [], errors: [], dryRun: true, items: work.items.length };
  }
}

function waiting(nodeId: string, on: WaitTarget): ExecutionEvent {
  return { type: 'NodeWaiting', data: { nodeId, attempt: 1, on } };
}

function succeeded(nodeId: string, output: OwnPayload): ExecutionEvent {
  return { type: 'NodeSucceeded', data: { nodeId, attempt: 1, output, leavesBy: ['main'] } };
}

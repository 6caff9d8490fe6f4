import type { Plan, PlannedNode } from '#libs/workflow-definition';
import { isTerminalEvent, type ExecutionEvent } from '../events.ts';

// What holds for every history, judged from events and definition alone. Each function gives what breaks it.

/** At most one, and nothing after it. */
export function eventsAfterTheEnd(history: readonly ExecutionEvent[]): readonly string[] {
  const end = history.findIndex(({ type }) => isTerminalEvent(type));
  return end < 0 ? [] : history.slice(end + 1).map(({ type }) => type);
}

/** Nodes with more than one last word. */
export function nodesWithTwoResults(history: readonly ExecutionEvent[]): readonly string[] {
  return repeated(history.flatMap(finalNode));
}

/** Items of loops with more than one result; those that are tried again have none yet. */
export function itemsWithTwoResults(history: readonly ExecutionEvent[]): readonly string[] {
  return repeated(
    history.flatMap((event) => {
      if (event.type !== 'NodeBatchEnded') return [];
      const { nodeId, results, errors } = event.data;
      const succeeded = 'value' in results && Array.isArray(results.value) ? results.value : [];
      return [...succeeded.map(indexIn), ...errors.map(({ index }) => index)].map((index) => `${nodeId}/${index}`);
    }),
  );
}

function indexIn(result: unknown): number {
  return Array.isArray(result) ? Number(result[0]) : NaN;
}

/** Attempts that began more often than they were put back and taken again: one timer did its work twice. */
export function attemptsBegunTwice(history: readonly ExecutionEvent[]): readonly string[] {
  const begun = history.flatMap((event) => {
    if (event.type === 'NodeScheduled') return [`${event.data.nodeId}/${event.data.attempt}`];
    if (event.type !== 'NodeBatchScheduled') return [];
    return [`${event.data.nodeId}/${event.data.batch}/${event.data.attempt}`];
  });
  const putBack = history.flatMap((event) => {
    if (event.type === 'NodePostponed') return [`${event.data.nodeId}/${event.data.attempt}`];
    if (event.type !== 'NodeBatchEnded' || !event.data.again?.postponed) return [];
    return [`${event.data.nodeId}/${event.data.batch}/${event.data.attempt}`];
  });
  for (const one of putBack) if (begun.includes(one)) begun.splice(begun.indexOf(one), 1);
  return repeated(begun);
}

/** Results that belong to an attempt which another one had followed by then. */
export function resultsOfOldAttempts(history: readonly ExecutionEvent[]): readonly string[] {
  const newest = new Map<string, number>();
  return history.flatMap((event) => {
    if (event.type === 'NodeScheduled') newest.set(event.data.nodeId, event.data.attempt);
    if (event.type !== 'NodeSucceeded' && event.type !== 'NodeFailed') return [];
    const { nodeId, attempt } = event.data;
    return attempt === (newest.get(nodeId) ?? attempt) ? [] : [`${nodeId}/${attempt}`];
  });
}

/** Timers that acted more than once; those of retries do so by beginning an attempt. */
export function timersFiredTwice(history: readonly ExecutionEvent[]): readonly string[] {
  return repeated(history.flatMap((event) => (event.type === 'TimerFired' ? [event.data.timerId] : [])));
}

/** The node whose last word the event is. */
export function finalNode(event: ExecutionEvent): readonly string[] {
  const isFinal = event.type === 'NodeSucceeded' || event.type === 'NodeFailed' || event.type === 'NodeSkipped';
  return isFinal ? [event.data.nodeId] : [];
}

/** Nodes that began or were skipped before the connections into them allow it. */
export function nodesTooEarly(plan: Plan, history: readonly ExecutionEvent[], trigger = 'start'): readonly string[] {
  const left = new Map<string, readonly string[]>([[trigger, ['main']]]);
  const begun = new Set<string>();
  const early: string[] = [];
  for (const event of history) {
    const node = nodeOf(plan, event);
    if (!node) continue;
    const done = event.type === 'NodeSkipped' ? 'skip' : 'run';
    if (!begun.has(node.id) && permissionOf(node, plan, left) !== done) early.push(node.id);
    begun.add(node.id);
    const outputs = outputsLeftBy(event);
    if (outputs) left.set(node.id, outputs);
  }
  return early;
}

function nodeOf(plan: Plan, { data }: ExecutionEvent): PlannedNode | undefined {
  return 'nodeId' in data ? plan.nodes.get(data.nodeId) : undefined;
}

/** What the nodes that are settled, with the outputs they were left by, let the node do. */
function permissionOf(node: PlannedNode, plan: Plan, left: ReadonlyMap<string, readonly string[]>): string {
  const isTaken = node.incoming.some(({ from, output }) => left.get(from)?.includes(output));
  if (isTaken && node.join === 'any') return 'run';
  const isSettled = node.incoming.every(({ from }) => left.has(from) || plan.nodes.get(from)?.incoming.length === 0);
  if (!isSettled) return 'wait';
  return isTaken ? 'run' : 'skip';
}

function outputsLeftBy(event: ExecutionEvent): readonly string[] | undefined {
  if (event.type === 'NodeSucceeded') return event.data.leavesBy;
  if (event.type === 'NodeSkipped') return [];
  if (event.type === 'NodeFailed') return event.data.handling === 'branch' ? ['error'] : ['main'];
  return undefined;
}

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

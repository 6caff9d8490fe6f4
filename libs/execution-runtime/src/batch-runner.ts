import { indexesOf, isPutBack, nodeStateOf, valueOf, type ItemOutcome } from '#libs/execution-engine';
import type { Scope } from '#libs/expressions';
import { InvariantError, toInstant, type JsonValue } from '#libs/kernel';
import type { PlannedInner, RetryPolicy } from '#libs/workflow-definition';
import {
  actionOf,
  startFor,
  type Attempt,
  type AttemptOutcome,
  type AttemptRunnerParts,
  type EndedAttempt,
  type Made,
} from './attempt.ts';
import { filesOf } from './attempt-files.ts';
import { ANYWHERE, enterFor, evaluated, type Entrance, type Postponed } from './at-destination.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';
import { doWork, type WorkResult } from './node-work.ts';
import { driftedIn, driftIn } from './noticed-drift.ts';
import { leaveWord, parkedFor } from './parked-work.ts';

type Run = Parameters<typeof doWork>[0];
type BatchAttempt = Attempt & { readonly batch: number };

/**
 * Runs what is left of a batch, one item after the other, and reports on all of them at once. It decides nothing: which
 * items are tried again, and what comes next, is the engine's.
 */
export class BatchRunner {
  constructor(private readonly parts: AttemptRunnerParts) {}

  async run(attempt: BatchAttempt, made: Made): Promise<EndedAttempt> {
    const { executionId, nodeId, batch } = attempt;
    const { inner, items, indexes, onItemError } = await this.#batchOf(attempt, made);
    const outcomes: ItemOutcome[] = [];
    let postponed: Postponed | undefined;
    for (const index of indexes) {
      const result = await this.#work(attempt, { inner, item: items[index] ?? null, index }, made);
      if (result.kind === 'awaits') {
        const awaited = { nodeId, batch, attempt: attempt.attempt, executionId: result.executionId };
        await this.parts.journal.submit(executionId, { type: 'AwaitExecution', ...awaited });
        return { outcome: 'waiting', nodeType: inner.type };
      }
      if (result.kind === 'postponed') {
        postponed = result;
        break;
      }
      outcomes.push(outcomeAt(index, result));
      if (endsBatch(result, { onItemError, retry: inner.retry })) break;
    }
    await this.parts.journal.submit(executionId, {
      type: 'RecordBatch',
      nodeId,
      batch,
      attempt: attempt.attempt,
      outcomes,
      ...(postponed ? { postponed: { dueAt: toInstant(postponed.untilMs), reason: postponed.reason } } : {}),
    });
    await this.#leaveWord(postponed, executionId, made.state.workspaceId);
    return {
      outcome: outcomeOf(outcomes, inner.retry, postponed),
      nodeType: inner.type,
      ...driftedIn(driftCountOf(outcomes)),
    };
  }

  async #leaveWord(postponed: Postponed | undefined, executionId: string, workspaceId: string): Promise<void> {
    if (postponed?.reason.kind !== 'credential') return;
    await leaveWord({ ...postponed, executionId, workspaceId }, this.parts);
  }

  async #batchOf({ nodeId, batch }: BatchAttempt, { state, plan }: Made) {
    const planned = plan.nodes.get(nodeId);
    const node = nodeStateOf(state, nodeId);
    if (planned?.runs !== 'engine' || !planned.inner || node?.status !== 'looping')
      throw new InvariantError(`${nodeId} does not loop`);
    const { loop } = node;
    const items = valueOf(loop.items, await this.parts.payloads.loadFor(state)) as readonly JsonValue[];
    const indexes = indexesOf(loop, batch, loop.open[batch]);
    return { inner: planned.inner, items, indexes, onItemError: loop.onItemError };
  }

  async #work(
    { executionId, nodeId, attempt, batch, putBacks }: BatchAttempt,
    { inner, item, index }: { inner: PlannedInner; item: JsonValue; index: number },
    { state, scope: outer, stop, unwanted }: Made,
  ): Promise<Exclude<WorkResult, { readonly kind: 'parked' }> | Postponed> {
    const scope = { ...outer, item, index };
    const { entrance, run } = await this.#enter(inner, scope, state.workspaceId);
    if (entrance.kind === 'postponed') return entrance;
    const context = {
      executionId,
      workspaceId: state.workspaceId,
      nodeId,
      attempt,
      idempotencyKey: idempotencyKeyOf({ executionId, nodeId }, index),
      scope,
      startExecution: startFor({ executionId, nodeId, attempt, batch }, state, this.parts.starter),
      file: filesOf(state, this.parts.payloads),
      bounds: { timeoutMs: inner.timeoutMs, stop, unwanted },
      entrance,
      putBacks,
    };
    const result = await doWork(run, context, this.parts);
    return result.kind === 'parked' ? parkedFor(result.disconnected, this.parts.clock) : result;
  }

  async #enter(inner: PlannedInner, scope: Scope, workspaceId: string): Promise<{ entrance: Entrance; run: Run }> {
    if (inner.runs === 'decision') return { entrance: ANYWHERE, run: async () => inner.compute(scope) };
    const nodeType = actionOf(this.parts.nodeTypes, inner.type);
    const config = evaluated(() => inner.resolveConfig(scope));
    const entrance = await enterFor(this.parts.destinations, { workspaceId, nodeType, config });
    return { entrance, run: (given) => nodeType.run(config(), given) };
  }
}

function outcomeAt(index: number, result: Extract<WorkResult, { readonly kind: 'succeeded' | 'failed' }>): ItemOutcome {
  if (result.kind === 'failed') return { index, kind: 'failed', failure: result.failure };
  return { index, kind: 'succeeded', output: result.output, ...driftIn(result.drift) };
}

/** Whether the items after it are not begun now. */
function endsBatch(
  result: Extract<WorkResult, { readonly kind: 'succeeded' | 'failed' }>,
  { onItemError, retry }: { readonly onItemError: 'fail' | 'continue'; readonly retry: RetryPolicy },
): boolean {
  return result.kind === 'failed' && (onItemError === 'fail' || isPutBack(retry, result.failure));
}

function driftCountOf(outcomes: readonly ItemOutcome[]): number {
  const counts = outcomes.map((outcome) => (outcome.kind === 'succeeded' ? (outcome.drift?.length ?? 0) : 0));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Of a batch that was put back, only if nothing of it was done. */
function outcomeOf(
  outcomes: readonly ItemOutcome[],
  retry: RetryPolicy,
  postponed: Postponed | undefined,
): AttemptOutcome {
  const done = outcomes.filter((outcome) => outcome.kind === 'succeeded' || !isPutBack(retry, outcome.failure));
  if (done.some(({ kind }) => kind === 'failed')) return 'failed';
  return (postponed || done.length < outcomes.length) && done.length === 0 ? 'postponed' : 'succeeded';
}

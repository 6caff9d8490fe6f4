import { indexesOf, nodeStateOf, valueOf, type ItemOutcome } from '#libs/execution-engine';
import { InvariantError, type JsonValue } from '#libs/kernel';
import type { AwaitedExecution, AttemptContext } from '#libs/node-kit';
import type { PlannedInner } from '#libs/workflow-definition';
import {
  actionOf,
  startFor,
  type Attempt,
  type AttemptOutcome,
  type AttemptRunnerParts,
  type Made,
} from './attempt.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';
import { doWork, type WorkResult } from './node-work.ts';
import { settleChild } from './settle-child.ts';

type BatchAttempt = Attempt & { readonly batch: number };

/**
 * Runs what is left of a batch, one item after the other, and reports on all of them at once. It decides nothing: which
 * items are tried again, and what comes next, is the engine's.
 */
export class BatchRunner {
  constructor(private readonly parts: AttemptRunnerParts) {}

  async run(attempt: BatchAttempt, made: Made): Promise<{ outcome: AttemptOutcome; nodeType: string }> {
    const { executionId, nodeId, batch } = attempt;
    const { inner, items, indexes, onItemError } = await this.#batchOf(attempt, made);
    const outcomes: ItemOutcome[] = [];
    for (const index of indexes) {
      const result = await this.#work(attempt, { inner, item: items[index] ?? null, index }, made);
      if (result.kind === 'awaits') {
        const awaited = { nodeId, batch, attempt: attempt.attempt, executionId: result.executionId };
        await this.parts.journal.submit(executionId, { type: 'AwaitExecution', ...awaited });
        await settleChild(this.parts.journal, executionId, result.executionId);
        return { outcome: 'waiting', nodeType: inner.type };
      }
      outcomes.push({ index, ...result });
      if (result.kind === 'failed' && onItemError === 'fail') break;
    }
    await this.parts.journal.submit(executionId, {
      type: 'RecordBatch',
      nodeId,
      batch,
      attempt: attempt.attempt,
      outcomes,
    });
    return { outcome: outcomes.some(({ kind }) => kind === 'failed') ? 'failed' : 'succeeded', nodeType: inner.type };
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

  #work(
    { executionId, nodeId, attempt, batch }: BatchAttempt,
    { inner, item, index }: { inner: PlannedInner; item: JsonValue; index: number },
    { state, scope: outer, stop, unwanted }: Made,
  ): Promise<WorkResult> {
    const scope = { ...outer, item, index };
    const context = {
      executionId,
      workspaceId: state.workspaceId,
      nodeId,
      attempt,
      idempotencyKey: idempotencyKeyOf({ executionId, nodeId }, index),
      scope,
      startExecution: startFor({ executionId, nodeId, attempt, batch }, state, this.parts.starter),
      bounds: { timeoutMs: inner.timeoutMs, stop, unwanted },
    };
    return doWork((given) => this.#runInner(inner, given), context, this.parts);
  }

  #runInner(inner: PlannedInner, context: AttemptContext): Promise<JsonValue | AwaitedExecution> {
    if (inner.runs === 'decision') return Promise.resolve(inner.compute(context.scope));
    return actionOf(this.parts.nodeTypes, inner.type).run(inner.resolveConfig(context.scope), context);
  }
}

import {
  isPutBack,
  isSameMaking,
  nodeStateOf,
  putBacksOf,
  scopeOf,
  type BatchState,
  type ExecutionCommand,
  type ExecutionState,
  type NodeState,
  type StartedExecution,
} from '#libs/execution-engine';
import type { Scope } from '#libs/expressions';
import { InvariantError, toInstant } from '#libs/kernel';
import type { Plan, PlannedExecutorNode } from '#libs/workflow-definition';
import { actionOf, startFor, type Attempt, type AttemptRunnerParts, type EndedAttempt, type Made } from './attempt.ts';
import { enterFor, evaluated, type Admitted, type Postponed } from './at-destination.ts';
import { filesOf } from './attempt-files.ts';
import { AttemptsInHand } from './attempts-in-hand.ts';
import { BatchRunner } from './batch-runner.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';
import { doWork, type WorkResult } from './node-work.ts';
import { driftedIn, driftIn } from './noticed-drift.ts';
import { failedOver, leaveWord, parkedBeforehand, parkedFor } from './parked-work.ts';

type Run = Parameters<typeof doWork>[0];
const DROPPED: EndedAttempt = { outcome: 'dropped', nodeType: '' };

/**
 * Runs attempts: the node's work, then its result as a command. It decides nothing; whether to try again and what comes
 * next is the engine's. A rejection means that nothing was recorded, so the delivery must come again.
 */
export class AttemptRunner {
  readonly #inHand = new AttemptsInHand();
  readonly #batches: BatchRunner;

  constructor(private readonly parts: AttemptRunnerParts) {
    this.#batches = new BatchRunner(parts);
  }

  /** `stop` ends the work when the process must go; the attempt is then made again elsewhere. */
  run(attempt: Attempt, stop: AbortSignal): Promise<EndedAttempt> {
    const { executionId, nodeId, attempt: number, batch = '', putBacks = 0 } = attempt;
    return this.#inHand.make({ executionId, name: `${nodeId}/${batch}/${number}/${putBacks}` }, async (unwanted) => {
      try {
        return await this.#make(attempt, { stop, unwanted });
      } catch (error) {
        if (unwanted.aborted && !stop.aborted) return DROPPED;
        throw error;
      }
    });
  }

  /** The execution is over: its attempts end now, and nothing is recorded of them. */
  stop(executionId: string): void {
    this.#inHand.stop(executionId);
  }

  async #make(attempt: Attempt, signals: { stop: AbortSignal; unwanted: AbortSignal }): Promise<EndedAttempt> {
    const state = await this.#wanted(attempt);
    if (!state) return DROPPED;
    const plan = await this.parts.plans.planOf(state.workflowId, state.workflowVersion);
    const made = { state, plan, scope: await this.#scopeOf(attempt, state, plan), ...signals };
    return attempt.batch === undefined
      ? this.#makeAtNode(attempt, made)
      : this.#batches.run({ ...attempt, batch: attempt.batch }, made);
  }

  async #makeAtNode(attempt: Attempt, made: Made): Promise<EndedAttempt> {
    const node = made.plan.nodes.get(attempt.nodeId);
    if (node?.runs !== 'executor') throw new InvariantError(`${attempt.nodeId} is not run by an executor`);
    const nodeType = actionOf(this.parts.nodeTypes, node.type);
    const config = evaluated(() => node.resolveConfig(made.scope));
    const { workspaceId } = made.state;
    // Before it begins for good: what has begun is not put back before it has a result.
    const entrance = await enterFor(this.parts.destinations, { workspaceId, nodeType, config });
    const at = { workspaceId, nodeType: node.type };
    if (entrance.kind === 'postponed') return this.#postpone(attempt, entrance, at);
    const ended =
      node.onInterrupted === 'retry'
        ? undefined
        : await this.#beginForGood(attempt, { node, config, workspaceId, entrance });
    if (ended) return ended;
    const run: Run = (given) => nodeType.run(config(), given);
    const result = await this.#work(attempt, { run, entrance, timeoutMs: node.timeoutMs }, made);
    return this.#record(attempt, result, { ...at, node });
  }

  async #record(
    attempt: Attempt,
    result: WorkResult,
    at: { readonly workspaceId: string; readonly nodeType: string; readonly node: PlannedExecutorNode },
  ): Promise<EndedAttempt> {
    if (result.kind === 'parked' && at.node.onInterrupted === 'retry')
      return this.#postpone(attempt, parkedFor(result.disconnected, this.parts.clock), at);
    const told = result.kind === 'parked' ? failedOver(result.disconnected) : result;
    await this.parts.journal.submit(attempt.executionId, commandFor(attempt, told));
    return endedWith(told, at.node);
  }

  /** How it ended, if it did not begin. */
  async #beginForGood(
    attempt: Attempt,
    {
      node,
      config,
      workspaceId,
      entrance,
    }: { node: { type: string }; config: () => unknown; workspaceId: string; entrance: Admitted },
  ): Promise<EndedAttempt | undefined> {
    const parked = await this.#parkedBeforehand(config, workspaceId, entrance);
    if (parked) return this.#postpone(attempt, parked, { workspaceId, nodeType: node.type });
    return (await this.#tryBegin(attempt, entrance)) ? undefined : { outcome: 'dropped', nodeType: node.type };
  }

  /** What had begun before is not put back; without us nobody would come for it any more, so it is interrupted. */
  async #postpone(
    { executionId, nodeId, attempt }: Attempt,
    postponed: Postponed,
    { workspaceId, nodeType }: { readonly workspaceId: string; readonly nodeType: string },
  ): Promise<EndedAttempt> {
    const { journal } = this.parts;
    const { untilMs, reason } = postponed;
    const dueAt = toInstant(untilMs);
    await journal.submit(executionId, { type: 'PostponeAttempt', nodeId, attempt, dueAt, reason });
    if (nodeIn(await journal.known(executionId), nodeId)?.status === 'postponed') {
      if (reason.kind === 'credential') await leaveWord({ ...postponed, executionId, workspaceId }, this.parts);
      return { outcome: 'postponed', nodeType };
    }
    await journal.submit(executionId, { type: 'RecordInterruption', nodeId, attempt });
    return { outcome: 'dropped', nodeType };
  }

  /** Who has to wait for a person is not at its destination. */
  async #parkedBeforehand(
    config: () => unknown,
    workspaceId: string,
    entrance: Admitted,
  ): Promise<Postponed | undefined> {
    let mayGoOn = false;
    try {
      const parked = await parkedBeforehand(config, { ...this.parts, workspaceId });
      mayGoOn = parked === undefined;
      return parked;
    } finally {
      if (!mayGoOn) entrance.leave({ outcome: 'ignored' });
    }
  }

  /** Who does not begin is not at its destination. */
  async #tryBegin(attempt: Attempt, entrance: Admitted): Promise<boolean> {
    let begun = false;
    try {
      begun = await this.#begin(attempt);
      return begun;
    } finally {
      if (!begun) entrance.leave({ outcome: 'ignored' });
    }
  }

  /** The state, if this attempt is the one that it waits for. What this process knows may be old, so the log has the last word. */
  async #wanted(attempt: Attempt): Promise<StartedExecution | undefined> {
    const { journal } = this.parts;
    const known = await journal.known(attempt.executionId);
    if (wants(known, attempt)) return known;
    const fresh = await journal.fresh(attempt.executionId);
    return wants(fresh, attempt) ? fresh : undefined;
  }

  /**
   * Records that the attempt begins, so that nobody begins it again. One that somebody had begun before is interrupted:
   * its worker is gone, or it would not have come to us.
   */
  async #begin({ executionId, nodeId, attempt }: Attempt): Promise<boolean> {
    const { journal, newDeliveryName } = this.parts;
    const by = newDeliveryName();
    await journal.submit(executionId, { type: 'BeginAttempt', nodeId, attempt, by });
    const node = nodeIn(await journal.known(executionId), nodeId);
    if (node?.status === 'running' && node.attempt === attempt && node.by === by) return true;
    await journal.submit(executionId, { type: 'RecordInterruption', nodeId, attempt });
    return false;
  }

  /** Rejects when a stored value can't be had now: no fault of the node, so no attempt of its is spent on it. */
  async #scopeOf({ executionId }: Attempt, state: StartedExecution, plan: Plan): Promise<Scope> {
    const stored = await this.parts.payloads.loadFor(state);
    const scope = scopeOf(executionId, state, { plan, stored, at: toInstant(this.parts.clock.nowMs()) });
    const waiting = [...plan.nodes.values()].filter(({ type }) => type === 'wait.signal');
    if (waiting.length === 0) return scope;
    const urls = waiting.map(({ id }) => [id, this.parts.resumeUrlOf(executionId, id)] as const);
    return { ...scope, execution: { ...scope.execution, resumeUrls: Object.fromEntries(urls) } };
  }

  /** What came of the work. Rejects when it did not end by itself because the process must go. */
  #work(
    { executionId, nodeId, attempt, putBacks }: Attempt,
    { run, entrance, timeoutMs }: { readonly run: Run; readonly entrance: Admitted; readonly timeoutMs: number },
    { state, scope, stop, unwanted }: Made,
  ): Promise<WorkResult> {
    const context = {
      executionId,
      workspaceId: state.workspaceId,
      nodeId,
      attempt,
      idempotencyKey: idempotencyKeyOf({ executionId, nodeId }, scope.index),
      scope,
      startExecution: startFor({ executionId, nodeId, attempt }, state, this.parts.starter),
      file: filesOf(state, this.parts.payloads),
      bounds: { timeoutMs, stop, unwanted },
      entrance,
      putBacks,
    };
    return doWork(run, context, this.parts);
  }
}

function endedWith(
  result: Exclude<WorkResult, { readonly kind: 'parked' }>,
  { type: nodeType, retry }: PlannedExecutorNode,
): EndedAttempt {
  if (result.kind === 'awaits') return { outcome: 'waiting', nodeType };
  if (result.kind === 'failed') return { outcome: isPutBack(retry, result.failure) ? 'postponed' : 'failed', nodeType };
  return { outcome: 'succeeded', nodeType, ...driftedIn(result.drift.length) };
}

function commandFor(
  { nodeId, attempt, putBacks }: Attempt,
  result: Exclude<WorkResult, { readonly kind: 'parked' }>,
): ExecutionCommand {
  switch (result.kind) {
    case 'succeeded':
      return { type: 'RecordSuccess', nodeId, attempt, output: result.output, ...driftIn(result.drift) };
    case 'failed':
      return { type: 'RecordFailure', nodeId, attempt, failure: result.failure, ...putBacksOf({ putBacks }) };
    case 'awaits':
      return { type: 'AwaitExecution', nodeId, attempt, executionId: result.executionId };
  }
}

function nodeIn(state: ExecutionState, nodeId: string): NodeState | undefined {
  return state.status === 'none' ? undefined : nodeStateOf(state, nodeId);
}

/** One that was begun before is wanted too, to be found interrupted; a late delivery of what was put back is not. */
function wants(state: ExecutionState, attempt: Attempt): state is StartedExecution {
  if (state.status === 'none') return false;
  const work = workOf(state, attempt);
  if (work?.status !== 'scheduled' && work?.status !== 'running') return false;
  return work.attempt === attempt.attempt && isSameMaking(putBacksOf(work), putBacksOf(attempt));
}

function workOf(state: StartedExecution, { nodeId, batch }: Attempt): NodeState | BatchState | undefined {
  const node = nodeStateOf(state, nodeId);
  return batch !== undefined && node?.status === 'looping' ? node.loop.open[batch] : node;
}

import {
  failureOf,
  nodeStateOf,
  scopeOf,
  type AttemptFailure,
  type ExecutionState,
  type PlanSource,
  type StartedExecution,
} from '#libs/execution-engine';
import { InvariantError, toInstant, type Clock, type JsonValue } from '#libs/kernel';
import { NodeError, type ActionNodeType, type NodeTypes } from '#libs/node-kit';
import type { PlannedExecutorNode } from '#libs/workflow-definition';
import type { ExecutionJournal } from './journal.ts';
import type { Payloads } from './payloads.ts';

/** One attempt at one node. */
export interface Attempt {
  readonly executionId: string;
  readonly nodeId: string;
  readonly attempt: number;
}

/** What came of it, for whoever counts. `dropped`: history no longer wanted it. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'dropped';

export interface AttemptRunnerParts {
  readonly journal: ExecutionJournal;
  readonly plans: PlanSource;
  readonly payloads: Payloads;
  readonly nodeTypes: NodeTypes;
  readonly clock: Clock;
  /** Told of errors that no node type should throw. */
  readonly onFault: (error: unknown, attempt: Attempt) => void;
}

type Result =
  | { readonly kind: 'succeeded'; readonly output: JsonValue }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure };

/**
 * Runs attempts: the node's work, then its result as a command. It decides nothing; whether to try again and what comes
 * next is the engine's. A rejection means that nothing was recorded, so the delivery must come again.
 */
export class AttemptRunner {
  constructor(private readonly parts: AttemptRunnerParts) {}

  /** `stop` ends the work when the process must go; the attempt is then made again elsewhere. */
  async run(attempt: Attempt, stop: AbortSignal): Promise<{ outcome: AttemptOutcome; nodeType: string }> {
    const state = await this.#wanted(attempt);
    if (!state) return { outcome: 'dropped', nodeType: '' };
    const plan = await this.parts.plans.planOf(state.workflowId, state.workflowVersion);
    const node = plan.nodes.get(attempt.nodeId);
    if (node?.runs !== 'executor') throw new InvariantError(`${attempt.nodeId} is not run by an executor`);
    const result = await this.#work(attempt, { node, state, stop });
    stop.throwIfAborted();
    const { executionId, nodeId } = attempt;
    await this.parts.journal.submit(
      executionId,
      result.kind === 'succeeded'
        ? { type: 'RecordSuccess', nodeId, attempt: attempt.attempt, output: result.output }
        : { type: 'RecordFailure', nodeId, attempt: attempt.attempt, failure: result.failure },
    );
    return { outcome: result.kind, nodeType: node.type };
  }

  /** The state, if this attempt is the one that it waits for. What this process knows may be old, so the log has the last word. */
  async #wanted(attempt: Attempt): Promise<StartedExecution | undefined> {
    const { journal } = this.parts;
    const known = wants(await journal.known(attempt.executionId), attempt);
    return known ?? wants(await journal.fresh(attempt.executionId), attempt);
  }

  async #work(
    attempt: Attempt,
    { node, state, stop }: { node: PlannedExecutorNode; state: StartedExecution; stop: AbortSignal },
  ): Promise<Result> {
    const nodeType = this.#actionOf(node);
    try {
      const config = await this.#configOf(attempt, node, state);
      const output = await withinTime(node.timeoutMs, stop, (signal) =>
        nodeType.run(config, { ...attempt, workspaceId: state.workspaceId, signal }),
      );
      return { kind: 'succeeded', output };
    } catch (error) {
      return { kind: 'failed', failure: this.#failureOf(error, attempt) };
    }
  }

  #actionOf(node: PlannedExecutorNode): ActionNodeType<unknown> {
    const nodeType = this.parts.nodeTypes.get(node.type);
    if (nodeType?.runs !== 'executor') throw new InvariantError(`no executor for node type ${node.type}`);
    return nodeType as ActionNodeType<unknown>;
  }

  async #configOf(attempt: Attempt, node: PlannedExecutorNode, state: StartedExecution): Promise<unknown> {
    const { plans, payloads, clock } = this.parts;
    const plan = await plans.planOf(state.workflowId, state.workflowVersion);
    const stored = await payloads.loadFor(state);
    return node.resolveConfig(scopeOf(attempt.executionId, state, { plan, stored, at: toInstant(clock.nowMs()) }));
  }

  #failureOf(error: unknown, attempt: Attempt): AttemptFailure {
    try {
      return failureOf(error);
    } catch (fault) {
      this.parts.onFault(fault, attempt);
      return { code: 'INTERNAL', message: 'the node failed for a reason of ours; it is in the log', retryable: true };
    }
  }
}

function wants(state: ExecutionState, { nodeId, attempt }: Attempt): StartedExecution | undefined {
  if (state.status === 'none') return undefined;
  const node = nodeStateOf(state, nodeId);
  return node?.status === 'scheduled' && node.attempt === attempt ? state : undefined;
}

/** Runs the work with a signal that aborts when its time is over or the process must go. */
async function withinTime<Output>(
  timeoutMs: number,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<Output>,
): Promise<Output> {
  const controller = new AbortController();
  const timedOut = new NodeError('NODE_TIMEOUT', `the attempt took longer than ${timeoutMs} ms`, { retryable: true });
  const timer = setTimeout(() => controller.abort(timedOut), timeoutMs);
  const onStop = (): void => controller.abort(stop.reason);
  stop.addEventListener('abort', onStop, { once: true });
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error), { once: true });
    });
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}

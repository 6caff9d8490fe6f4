import {
  failureOf,
  nodeStateOf,
  scopeOf,
  type AttemptFailure,
  type ExecutionCommand,
  type ExecutionState,
  type PlanSource,
  type StartedExecution,
} from '#libs/execution-engine';
import { InvariantError, toInstant, type Clock, type JsonValue } from '#libs/kernel';
import { NodeError, type ActionNodeType, type NodeTypes } from '#libs/node-kit';
import type { Scope } from '#libs/expressions';
import type { Plan, PlannedExecutorNode } from '#libs/workflow-definition';
import { atDestination, type Destinations, type Postponed } from './at-destination.ts';
import { AttemptCredentials, type CredentialSource } from './attempt-credentials.ts';
import type { ExecutionJournal } from './journal.ts';
import type { Payloads } from './payloads.ts';
import type { Redaction } from './redaction.ts';

/** One attempt at one node. */
export interface Attempt {
  readonly executionId: string;
  readonly nodeId: string;
  readonly attempt: number;
}

/** What came of it, for whoever counts. `dropped`: history no longer wanted it; `postponed`: its destination takes none now. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'postponed' | 'dropped';

export interface AttemptRunnerParts {
  readonly journal: ExecutionJournal;
  readonly plans: PlanSource;
  readonly payloads: Payloads;
  readonly nodeTypes: NodeTypes;
  readonly credentials: CredentialSource;
  readonly destinations: Destinations;
  readonly clock: Clock;
  /** Told of errors that no node type should throw. */
  readonly onFault: (error: unknown, attempt: Attempt) => void;
}

type Result =
  | { readonly kind: 'succeeded'; readonly output: JsonValue }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure }
  | Postponed;

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
    const scope = await this.#scopeOf(attempt, state, plan);
    const result = await this.#work(attempt, { node, workspaceId: state.workspaceId, scope, stop });
    await this.parts.journal.submit(attempt.executionId, commandOf(attempt, result));
    return { outcome: result.kind, nodeType: node.type };
  }

  /** The state, if this attempt is the one that it waits for. What this process knows may be old, so the log has the last word. */
  async #wanted(attempt: Attempt): Promise<StartedExecution | undefined> {
    const { journal } = this.parts;
    const known = wants(await journal.known(attempt.executionId), attempt);
    return known ?? wants(await journal.fresh(attempt.executionId), attempt);
  }

  /** Rejects when a stored value can't be had now: no fault of the node, so no attempt of its is spent on it. */
  async #scopeOf({ executionId }: Attempt, state: StartedExecution, plan: Plan): Promise<Scope> {
    const stored = await this.parts.payloads.loadFor(state);
    return scopeOf(executionId, state, { plan, stored, at: toInstant(this.parts.clock.nowMs()) });
  }

  /** What came of the work. Rejects when it did not end by itself because the process must go. */
  async #work(
    attempt: Attempt,
    made: { node: PlannedExecutorNode; workspaceId: string; scope: Scope; stop: AbortSignal },
  ): Promise<Result> {
    const { node, workspaceId, scope, stop } = made;
    const nodeType = this.#actionOf(node);
    const credentials = new AttemptCredentials(this.parts.credentials, workspaceId);
    stop.throwIfAborted();
    try {
      const config = node.resolveConfig(scope);
      const work = (): Promise<JsonValue> =>
        withinTime(node.timeoutMs, stop, (signal) =>
          nodeType.run(config, { ...attempt, workspaceId, scope, signal, credential: credentials.get }),
        );
      const key = nodeType.destinationOf?.(config);
      const done = await atDestination(this.parts.destinations, key === undefined ? key : { workspaceId, key }, work);
      if (done.kind === 'postponed') return done;
      return { kind: 'succeeded', output: credentials.redaction().value(done.output) };
    } catch (error) {
      stop.throwIfAborted();
      credentials.ensureAnswered();
      return { kind: 'failed', failure: this.#failureOf(error, attempt, credentials.redaction()) };
    }
  }

  #actionOf(node: PlannedExecutorNode): ActionNodeType<unknown> {
    const nodeType = this.parts.nodeTypes.get(node.type);
    if (nodeType?.runs !== 'executor') throw new InvariantError(`no executor for node type ${node.type}`);
    return nodeType;
  }

  #failureOf(error: unknown, attempt: Attempt, redaction: Redaction): AttemptFailure {
    try {
      const { message, details, ...failure } = failureOf(error);
      return {
        ...failure,
        message: redaction.excerpt(message),
        ...(details === undefined ? {} : { details: redaction.excerpts(details) }),
      };
    } catch (fault) {
      this.parts.onFault(redaction.error(fault), attempt);
      return { code: 'INTERNAL', message: 'the node failed for a reason of ours; it is in the log', retryable: true };
    }
  }
}

function commandOf({ nodeId, attempt }: Attempt, result: Result): ExecutionCommand {
  switch (result.kind) {
    case 'succeeded':
      return { type: 'RecordSuccess', nodeId, attempt, output: result.output };
    case 'failed':
      return { type: 'RecordFailure', nodeId, attempt, failure: result.failure };
    case 'postponed':
      return { type: 'PostponeAttempt', nodeId, attempt, dueAt: toInstant(result.untilMs), reason: result.reason };
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
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  // Rejected before the work is told, so that what the work makes of its abortion is not taken for how it failed.
  const timer = setTimeout(() => {
    const message = `the attempt took longer than ${timeoutMs} ms`;
    reject(new NodeError('NODE_TIMEOUT', message, { retryable: true, destination: 'failed' }));
    controller.abort(new DOMException(message, 'TimeoutError'));
  }, timeoutMs);
  const onStop = (): void => {
    reject(stop.reason);
    controller.abort(stop.reason);
  };
  stop.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}

import type { PlanSource, StartedExecution } from '#libs/execution-engine';
import type { Scope } from '#libs/expressions';
import { InvariantError, type Clock } from '#libs/kernel';
import { NodeError, type ActionNodeType, type AttemptContext, type NodeTypes } from '#libs/node-kit';
import type { Plan } from '#libs/workflow-definition';
import type { Destinations } from './at-destination.ts';
import type { CredentialSource } from './attempt-credentials.ts';
import type { ExecutionStarter } from './execution-starter.ts';
import type { ExecutionJournal } from './journal.ts';
import type { ParkedExecutions } from './parked-work.ts';
import type { Payloads } from './payloads.ts';

/** One attempt at one node, or at what is left of one batch of a loop. */
export interface Attempt {
  readonly executionId: string;
  readonly nodeId: string;
  readonly attempt: number;
  readonly batch?: number;
  /** How often it was put back before; absent for never. */
  readonly putBacks?: number | undefined;
}

/**
 * What came of it, for whoever counts. `dropped`: history no longer wanted it. `waiting`: it goes on elsewhere.
 * `postponed`: its destination takes none now.
 */
export type AttemptOutcome = 'succeeded' | 'failed' | 'waiting' | 'postponed' | 'dropped';

/** How it ended, and at what kind of node. */
export interface EndedAttempt {
  readonly outcome: AttemptOutcome;
  readonly nodeType: string;
  /** Places where answers were not as the node type knows them; absent for none. */
  readonly drifted?: number;
}

export interface AttemptRunnerParts {
  readonly journal: ExecutionJournal;
  readonly plans: PlanSource;
  readonly payloads: Payloads;
  readonly nodeTypes: NodeTypes;
  readonly credentials: CredentialSource;
  readonly destinations: Destinations;
  readonly starter: ExecutionStarter;
  readonly parked: ParkedExecutions;
  /** Where a node that waits for a signal is resumed. */
  readonly resumeUrlOf: (executionId: string, nodeId: string) => string;
  readonly clock: Clock;
  /** A name that no other delivery has. */
  readonly newDeliveryName: () => string;
  /** Told of errors that no node type should throw. */
  readonly onFault: (error: unknown, attempt: Attempt) => void;
}

/** What an attempt is made with. */
export interface Made {
  readonly state: StartedExecution;
  readonly plan: Plan;
  readonly scope: Scope;
  readonly stop: AbortSignal;
  /** Aborts when the execution is over. */
  readonly unwanted: AbortSignal;
}

/** Starts executions for an attempt: the same one, however often the attempt is made. */
export function startFor(
  { executionId, nodeId, attempt, batch }: Attempt,
  { workspaceId, origin, files }: StartedExecution,
  starter: ExecutionStarter,
): AttemptContext['startExecution'] {
  const depth = origin?.kind === 'child' ? origin.depth + 1 : 1;
  return async ({ workflowId, input, waits }) => {
    if (depth > MAX_DEPTH) {
      const message = `executions start each other ${depth} deep, and at most ${MAX_DEPTH} are allowed`;
      throw new NodeError('SUBWORKFLOW_TOO_DEEP', message, { retryable: false });
    }
    const ofBatch = batch === undefined ? {} : { batch };
    return starter.start({
      workspaceId,
      workflowId,
      input,
      ...(files ? { files } : {}),
      origin: { kind: 'child', executionId, nodeId, attempt, ...ofBatch, depth, waits },
      seed: `${executionId}/${nodeId}/${batch ?? ''}/${attempt}`,
    });
  };
}

/** Executions below one that nobody started but a trigger. */
const MAX_DEPTH = 16;

export function actionOf(nodeTypes: NodeTypes, type: string): ActionNodeType {
  const nodeType = nodeTypes.get(type);
  if (nodeType?.runs !== 'executor') throw new InvariantError(`no executor for node type ${type}`);
  return nodeType;
}

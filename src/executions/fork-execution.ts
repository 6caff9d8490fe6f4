import { Injectable } from '@nestjs/common';
import type { Actor } from '#libs/event-sourcing';
import { keptIn, keptOf, type Kept, type OwnPayload } from '#libs/execution-engine';
import { Payloads } from '#libs/execution-runtime';
import { MillraceError, type ExecutionId, type JsonValue, type WorkspaceId } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import { ContinueExecution, type Continuation } from './continue-execution.ts';
import { PastExecutions } from './past-execution.ts';

type Overrides = Readonly<Record<string, JsonValue>>;

export interface AskedFork {
  readonly workspaceId: WorkspaceId;
  readonly executionId: ExecutionId;
  readonly actor: Actor;
  /** The last event that both share. */
  readonly at: number;
  /** Default: the one that the execution ran by. */
  readonly workflowVersion?: number | undefined;
  /** By node id, outputs in place of the recorded ones, or of those to come. */
  readonly overrides?: Overrides | undefined;
}

/** A new execution shares the history of another one up to a point, and goes on from there by itself. */
@Injectable()
export class ForkExecution {
  constructor(
    private readonly past: PastExecutions,
    private readonly continuing: ContinueExecution,
    private readonly payloads: Payloads,
  ) {}

  /** Resolves when the log has the new execution. */
  async fork(newId: ExecutionId, asked: AskedFork): Promise<void> {
    const { workspaceId, executionId, actor, at, workflowVersion = 'same', overrides = {} } = asked;
    const from = await this.past.at(workspaceId, executionId, at);
    const { before, plan } = await this.continuing.plansFor(from, workflowVersion);
    ensureNodes(plan, overrides);
    const names = Object.keys(overrides);
    const origin = {
      kind: 'fork',
      executionId,
      version: at,
      ...(names.length > 0 ? { overrides: names } : {}),
    } as const;
    const kept = keptIn(plan, keptOf(from.state), { before });
    const given = placed(await this.#payloadsOf(newId, overrides), { kept, triggerId: from.state.trigger.nodeId });
    await this.continuing.start(newId, { from, plan, origin, actor, ...given });
  }

  async #payloadsOf(executionId: ExecutionId, overrides: Overrides): Promise<ReadonlyMap<string, OwnPayload>> {
    const payloads = Object.entries(overrides).map(
      async ([nodeId, output]) => [nodeId, await this.payloads.toPayload(executionId, output)] as const,
    );
    return new Map(await Promise.all(payloads));
  }
}

/** Of the trigger it is the input; a node that has a result leaves by where it left, with this; any other does not run and gives this. */
function placed(
  overrides: ReadonlyMap<string, OwnPayload>,
  { kept, triggerId }: { readonly kept: Kept; readonly triggerId: string },
): Pick<Continuation, 'kept' | 'input' | 'pins'> {
  const input = overrides.get(triggerId);
  const nodes = { ...kept.nodes };
  const pins: Record<string, OwnPayload> = {};
  for (const [nodeId, output] of overrides) {
    const result = Object.hasOwn(kept.nodes, nodeId) ? kept.nodes[nodeId] : undefined;
    if (result && result.status !== 'skipped') nodes[nodeId] = { ...result, output };
    else if (nodeId !== triggerId) pins[nodeId] = output;
  }
  return { kept: { ...kept, nodes }, pins, ...(input ? { input } : {}) };
}

function ensureNodes(plan: Plan, overrides: Overrides): void {
  const unknown = Object.keys(overrides).filter((nodeId) => !plan.nodes.has(nodeId));
  if (unknown.length === 0) return;
  throw new MillraceError('refused', 'UNKNOWN_NODE', `version ${plan.version} of the workflow lacks these nodes`, {
    problems: unknown.map((nodeId) => ({ path: `overrides.${nodeId}`, message: 'there is no such node' })),
  });
}

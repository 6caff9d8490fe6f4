import { Injectable } from '@nestjs/common';
import { ConcurrencyConflict, type Actor } from '#libs/event-sourcing';
import { ExecutionJournal } from '#libs/execution-runtime';
import type { ExecutionId, WorkspaceId } from '#libs/kernel';
import type { FoundWebhook } from '#libs/read-models';
import type { Plan } from '#libs/workflow-definition';
import { noteChange } from '../platform/audit/change-notes.ts';
import { asMillraceError } from '../platform/http/known-errors.ts';
import { StartInput } from '../variables/start-input.ts';
import { AcceptedCalls, deliveryNotFound, triggerTypeFor, type AcceptedCall } from './accepted-calls.ts';
import type { RedeliveryItem } from './delivery-view.ts';

/** Who sends something again, and where. */
interface Sender {
  readonly workspaceId: WorkspaceId;
  readonly actor: Actor;
}
interface Wish {
  readonly deliveryId: string;
  /** What it is to become; started before, by the same request, it stays as it is. */
  readonly executionId: ExecutionId;
}

/** That are started at a time. */
const AT_ONCE = 8;

/**
 * An accepted call is sent again: another execution, of the version that is active now, with the same trigger output. It was
 * let in before and is wished for by a member: so it is not verified, counted or held to be a duplicate again.
 */
@Injectable()
export class RedeliverCall {
  constructor(
    private readonly calls: AcceptedCalls,
    private readonly startInput: StartInput,
    private readonly journal: ExecutionJournal,
  ) {}

  /** Resolves when the log has it. */
  async redeliver(sender: Sender, { deliveryId, executionId }: Wish): Promise<void> {
    const { workspaceId } = sender;
    noteChange({ target: deliveryId, after: { executionId } });
    const call = await this.calls.find(workspaceId, deliveryId);
    await this.#start(sender, executionId, { call, plan: await this.calls.planFor(workspaceId, call) });
  }

  /** Those of one webhook; what one is refused with keeps back none of the others. */
  async redeliverMany(sender: Sender, webhook: FoundWebhook, wishes: readonly Wish[]): Promise<RedeliveryItem[]> {
    const plan = this.calls.planFor(sender.workspaceId, webhook);
    // Each that needs it hears of it; without any, nobody else would.
    plan.catch(() => undefined);
    const items: RedeliveryItem[] = [];
    for (let first = 0; first < wishes.length; first += AT_ONCE) {
      const some = wishes.slice(first, first + AT_ONCE);
      items.push(...(await Promise.all(some.map((wish) => this.#itemOf(sender, webhook, { wish, plan })))));
    }
    noteChange({ target: webhook.webhookId, after: { started: items.filter((item) => 'executionId' in item).length } });
    return items;
  }

  async #itemOf(
    sender: Sender,
    { workflowId, nodeId }: FoundWebhook,
    { wish: { deliveryId, executionId }, plan }: { readonly wish: Wish; readonly plan: Promise<Plan> },
  ): Promise<RedeliveryItem> {
    try {
      const call = await this.calls.find(sender.workspaceId, deliveryId);
      if (call.workflowId !== workflowId || call.nodeId !== nodeId) throw deliveryNotFound(deliveryId);
      await this.#start(sender, executionId, { call, plan: await plan });
      return { deliveryId, executionId };
    } catch (thrown) {
      const error = asMillraceError(thrown);
      if (!error) throw thrown;
      return { deliveryId, code: error.code, detail: error.message };
    }
  }

  async #start(
    { workspaceId, actor }: Sender,
    executionId: ExecutionId,
    { call, plan }: { readonly call: AcceptedCall; readonly plan: Plan },
  ): Promise<void> {
    const { workflowId, nodeId, firstExecutionId } = call;
    const { version, variables, settings } = plan;
    const command = {
      type: 'StartExecution',
      ...{ workspaceId, workflowId, workflowVersion: version, priority: settings.priority },
      trigger: { type: triggerTypeFor(call, plan), nodeId },
      ...(await this.startInput.again(call, { workspaceId, variables })),
      origin: { kind: 'redelivery', executionId: firstExecutionId },
    } as const;
    try {
      await this.journal.start(executionId, command, actor);
    } catch (error) {
      if (!(error instanceof ConcurrencyConflict)) throw error;
    }
  }
}

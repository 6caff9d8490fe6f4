import { Injectable } from '@nestjs/common';
import { ConcurrencyConflict, LogUnavailableError } from '#libs/event-sourcing';
import { ExecutionJournal } from '#libs/execution-runtime';
import { JetStreamPublisher, MAX_UNACKNOWLEDGED } from '#libs/jetstream';
import { MillraceError, type JsonObject } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import { StartInput } from '../variables/start-input.ts';
import { SeenCalls } from './seen-calls.ts';

/** New work is refused before the publisher is full, so that work already accepted can still go on. */
const DOOR_CLOSES_AT = MAX_UNACKNOWLEDGED / 2;

export interface Accepted {
  readonly executionId: string;
  /** False when an earlier call started it. */
  readonly isNew: boolean;
}

/** What tells a call from others, and for how long one with the same key is the same call. */
export interface Claim {
  readonly key: string;
  readonly windowMs: number;
  readonly onDuplicate: 'conflict' | 'accept';
}

/** Starts an execution for a call. It is accepted when this resolves: the log has acknowledged it. */
@Injectable()
export class StartFromCall {
  constructor(
    private readonly journal: ExecutionJournal,
    private readonly startInput: StartInput,
    private readonly publisher: JetStreamPublisher,
    private readonly seenCalls: SeenCalls,
  ) {}

  ensureRoom(): void {
    if (this.publisher.unacknowledged >= DOOR_CLOSES_AT)
      throw new LogUnavailableError('the log takes no more calls at the moment', { code: 'LOG_BUSY' });
  }

  /**
   * The execution that the call started: `executionId`, unless somebody with the same key went before. Throws
   * `DUPLICATE_CALL` when an earlier call started one, and that is a conflict.
   */
  async start(
    route: Route,
    output: JsonObject,
    { executionId, claim }: { readonly executionId: string; readonly claim: Claim | undefined },
  ): Promise<Accepted> {
    const accepted = claim ? await this.#claim(route, claim, executionId) : { executionId, isNew: true };
    if (!accepted.isNew) return accepted;
    try {
      await this.#start(route, accepted.executionId, output);
      return accepted;
    } catch (error) {
      // Somebody with the same key was faster with the same id: theirs is the call that started it.
      if (claim && error instanceof ConcurrencyConflict) return repeated(accepted.executionId, claim);
      throw error;
    }
  }

  async #claim({ webhookId }: Route, claim: Claim, executionId: string): Promise<Accepted> {
    const { key, windowMs } = claim;
    const holder = await this.seenCalls.claim({ webhookId, key }, executionId, windowMs);
    if (holder === executionId) return { executionId, isNew: true };
    const first = await this.journal.fresh(holder);
    return first.status === 'none' ? { executionId: holder, isNew: true } : repeated(holder, claim);
  }

  async #start(route: Route, executionId: string, output: JsonObject): Promise<void> {
    await this.journal.start(executionId, {
      type: 'StartExecution',
      workspaceId: route.workspaceId,
      workflowId: route.workflowId,
      workflowVersion: route.version,
      trigger: { type: route.source?.type ?? 'trigger.webhook', nodeId: route.nodeId },
      ...(await this.startInput.of(executionId, output, route)),
      priority: route.priority,
    });
  }
}

/** What a call is told whose key has started an execution. */
function repeated(executionId: string, { windowMs, onDuplicate }: Claim): Accepted {
  if (onDuplicate === 'accept') return { executionId, isNew: false };
  const message = `this call came before within ${windowMs} ms, and started ${executionId}`;
  throw new MillraceError('conflict', 'DUPLICATE_CALL', message);
}

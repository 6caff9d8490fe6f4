import { Inject, Injectable } from '@nestjs/common';
import { BodySchemas } from '#libs/body-schema';
import { ConcurrencyConflict, LogUnavailableError } from '#libs/event-sourcing';
import { ExecutionJournal } from '#libs/execution-runtime';
import { JetStreamPublisher, MAX_UNACKNOWLEDGED } from '#libs/jetstream';
import { MillraceError, toInstant, type Clock, type JsonObject } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import { CLOCK } from '../platform/tokens.ts';
import { StartInput } from '../variables/start-input.ts';
import { rulesOf } from './route-rules.ts';
import { SeenCalls } from './seen-calls.ts';
import { triggerOutputOf, type WebhookCall } from './trigger-output.ts';

/** New work is refused before the publisher is full, so that work already accepted can still go on. */
const DOOR_CLOSES_AT = MAX_UNACKNOWLEDGED / 2;

/** Turns a call of a webhook URL into an execution. It is accepted when this resolves: the log has acknowledged it. */
@Injectable()
export class AcceptCall {
  readonly #schemas = new BodySchemas();

  constructor(
    private readonly journal: ExecutionJournal,
    private readonly startInput: StartInput,
    private readonly publisher: JetStreamPublisher,
    private readonly seenCalls: SeenCalls,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The execution that the call started: `executionId`, unless somebody with the same key went before and died. Throws
   * `DUPLICATE_CALL` when an earlier call started one.
   */
  async accept(route: Route, call: Omit<WebhookCall, 'receivedAt'>, executionId: string): Promise<string> {
    if (this.publisher.unacknowledged >= DOOR_CLOSES_AT) {
      throw new LogUnavailableError('the log takes no more calls at the moment', { code: 'LOG_BUSY' });
    }
    const receivedAt = toInstant(this.clock.nowMs());
    const output = await triggerOutputOf({ ...call, receivedAt }, tokenHeaderOf(route));
    this.#ensureFits(route, output);
    const key = rulesOf(route).dedupeKeyOf(output);
    const claimed = key === undefined ? executionId : await this.#claim(route, key, executionId);
    try {
      await this.#start(route, claimed, output);
    } catch (error) {
      // Somebody with the same key went on with our id; whatever they say, our call is in the log.
      if (key === undefined || !(error instanceof ConcurrencyConflict)) throw error;
    }
    return claimed;
  }

  #ensureFits(route: Route, { body = null }: JsonObject): void {
    if (!route.schema) return;
    const problems = this.#schemas.validatorFor(route, route.schema)(body);
    if (problems.length === 0) return;
    throw new MillraceError('refused', 'BODY_REFUSED', 'the body is not what this webhook takes', { problems });
  }

  async #claim(route: Route, key: string, executionId: string): Promise<string> {
    const { webhookId, dedupe } = route;
    if (!dedupe) return executionId;
    const holder = await this.seenCalls.claim({ webhookId, key }, executionId, dedupe.windowMs);
    if (holder === executionId) return executionId;
    const first = await this.journal.fresh(holder);
    if (first.status === 'none') return holder;
    const message = `this call came before within ${dedupe.windowMs} ms, and started ${holder}`;
    throw new MillraceError('conflict', 'DUPLICATE_CALL', message);
  }

  async #start(route: Route, executionId: string, output: JsonObject): Promise<void> {
    await this.journal.start(executionId, {
      type: 'StartExecution',
      workspaceId: route.workspaceId,
      workflowId: route.workflowId,
      workflowVersion: route.version,
      trigger: { type: 'trigger.webhook', nodeId: route.nodeId },
      ...(await this.startInput.of(executionId, output, route)),
      priority: route.priority,
    });
  }
}

/** Where the sender has its token, when that is in a header of its own. */
function tokenHeaderOf({ verify }: Route): string | undefined {
  return verify?.scheme === 'bearer' ? verify.header : undefined;
}

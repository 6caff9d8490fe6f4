import { Inject, Injectable } from '@nestjs/common';
import { LogUnavailableError } from '#libs/event-sourcing';
import { ExecutionJournal } from '#libs/execution-runtime';
import { JetStreamPublisher, MAX_UNACKNOWLEDGED } from '#libs/jetstream';
import { MillraceError, toInstant, type Clock, type ExecutionId, type IdSource } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import { CLOCK, ID_SOURCE } from '../platform/tokens.ts';
import { StartInput } from '../variables/start-input.ts';
import { triggerOutputOf, type WebhookCall } from './trigger-output.ts';

/** New work is refused before the publisher is full, so that work already accepted can still go on. */
const DOOR_CLOSES_AT = MAX_UNACKNOWLEDGED / 2;

/** Turns a call of a webhook URL into an execution. It is accepted when this resolves: the log has acknowledged it. */
@Injectable()
export class AcceptCall {
  constructor(
    private readonly journal: ExecutionJournal,
    private readonly startInput: StartInput,
    private readonly publisher: JetStreamPublisher,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  async accept(route: Route, call: Omit<WebhookCall, 'receivedAt'>): Promise<ExecutionId> {
    if (!route.methods.includes(call.method)) {
      throw new MillraceError(
        'methodNotAllowed',
        'METHOD_NOT_ALLOWED',
        `this webhook takes ${route.methods.join(', ')}`,
        {
          allow: route.methods,
        },
      );
    }
    if (this.publisher.unacknowledged >= DOOR_CLOSES_AT) {
      throw new LogUnavailableError('the log takes no more calls at the moment', { code: 'LOG_BUSY' });
    }
    const executionId = this.ids.newId('execution');
    const output = triggerOutputOf({ ...call, receivedAt: toInstant(this.clock.nowMs()) });
    await this.journal.start(executionId, {
      type: 'StartExecution',
      workspaceId: route.workspaceId,
      workflowId: route.workflowId,
      workflowVersion: route.version,
      trigger: { type: 'trigger.webhook', nodeId: route.nodeId },
      ...(await this.startInput.of(executionId, output, route)),
      priority: route.priority,
    });
    return executionId;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { BodySchemas } from '#libs/body-schema';
import { MillraceError, toInstant, type Clock, type JsonObject } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import { CLOCK } from '../platform/tokens.ts';
import { rulesOf } from './route-rules.ts';
import { StartFromCall, type Accepted, type Claim } from './start-from-call.ts';
import { triggerOutputOf, type WebhookCall } from './trigger-output.ts';

/** Turns a call of a `trigger.webhook` into an execution, if it is what the webhook takes. */
@Injectable()
export class AcceptCall {
  readonly #schemas = new BodySchemas();

  constructor(
    private readonly startFromCall: StartFromCall,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** As `StartFromCall.start`. */
  async accept(route: Route, call: Omit<WebhookCall, 'receivedAt'>, executionId: string): Promise<Accepted> {
    this.startFromCall.ensureRoom();
    const receivedAt = toInstant(this.clock.nowMs());
    const output = await triggerOutputOf({ ...call, receivedAt }, tokenHeaderOf(route));
    this.#ensureFits(route, output);
    return this.startFromCall.start(route, output, { executionId, claim: claimOf(route, output) });
  }

  #ensureFits(route: Route, { body = null }: JsonObject): void {
    if (!route.schema) return;
    const problems = this.#schemas.validatorFor(route, route.schema)(body);
    if (problems.length === 0) return;
    throw new MillraceError('refused', 'BODY_REFUSED', 'the body is not what this webhook takes', { problems });
  }
}

function claimOf(route: Route, output: JsonObject): Claim | undefined {
  const { dedupe } = route;
  const key = rulesOf(route).dedupeKeyOf(output);
  return dedupe && key !== undefined ? { ...dedupe, key } : undefined;
}

/** Where the sender has its token, when that is in a header of its own. */
function tokenHeaderOf({ verify }: Route): string | undefined {
  return verify?.scheme === 'bearer' ? verify.header : undefined;
}

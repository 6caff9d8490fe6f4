import { Inject, Injectable } from '@nestjs/common';
import {
  assertNever,
  isDeeperThan,
  MAX_JSON_DEPTH,
  MillraceError,
  toInstant,
  type Clock,
  type IdSource,
  type JsonValue,
} from '#libs/kernel';
import { readSource, type NodeTypes, type ReadSource } from '#libs/node-kit';
import type { SourceRoute } from '#libs/webhook-routes';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { CLOCK, ID_SOURCE } from '../platform/tokens.ts';
import { sourceAnswer, type HookAnswer } from './hook-answer.ts';
import { StartFromCall, type Claim } from './start-from-call.ts';
import { triggerOutputOf, type TriggerOutput, type WebhookCall } from './trigger-output.ts';

type Source = Extract<ReadSource, { readonly kind: 'read' }>;

const RETRY_AFTER_MS = 30_000;

/**
 * Does what a verified call of a service means, which the type of the trigger says. Services count what is not answered
 * 2xx as failed, some within 3 s: nothing but the log is waited for, and a call that came before is as good as a new one.
 */
@Injectable()
export class ReceiveCall {
  readonly #sources = new WeakMap<SourceRoute, Source>();

  constructor(
    private readonly startFromCall: StartFromCall,
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `TRIGGER_UNKNOWN` when another version of Millrace made the trigger. */
  async receive(route: SourceRoute, call: Omit<WebhookCall, 'receivedAt'>): Promise<HookAnswer> {
    const { webhook, config } = this.#sourceOf(route);
    const output = await triggerOutputOf({ ...call, receivedAt: toInstant(this.clock.nowMs()) });
    const { headers, query, body } = output;
    const meaning = webhook.receive(config, { headers, query, body });
    switch (meaning.kind) {
      case 'answered':
        return sourceAnswer(meaning.answer, { reason: null });
      case 'ignored':
        return sourceAnswer(webhook.accepted, { reason: meaning.reason });
      case 'starts':
        ensureShallow(meaning.body);
        return this.#start(route, webhook, { ...output, body: meaning.body }, meaning.key);
      default:
        return assertNever(meaning);
    }
  }

  async #start(
    route: SourceRoute,
    webhook: Source['webhook'],
    output: TriggerOutput,
    key?: string,
  ): Promise<HookAnswer> {
    this.startFromCall.ensureRoom();
    const { accepted, rememberedForMs: windowMs } = webhook;
    const claim: Claim | undefined = key === undefined ? undefined : { key, windowMs, onDuplicate: 'accept' };
    const { isNew } = await this.startFromCall.start(route, output, {
      executionId: this.ids.newId('execution'),
      claim,
    });
    return isNew ? sourceAnswer(accepted) : sourceAnswer(accepted, { reason: null });
  }

  /** Read once for as long as the table holds the route. */
  #sourceOf(route: SourceRoute): Source {
    const known = this.#sources.get(route);
    if (known) return known;
    const read = readSource(this.nodeTypes, route.source);
    if (read.kind !== 'read') throw unknownTrigger(route);
    this.#sources.set(route, read);
    return read;
  }
}

/** Services put JSON into fields of forms, which was not looked into when the call was read. */
function ensureShallow(body: JsonValue): void {
  if (!isDeeperThan(body, MAX_JSON_DEPTH)) return;
  const message = `must not nest deeper than ${MAX_JSON_DEPTH} levels`;
  throw new MillraceError('malformed', 'JSON_TOO_DEEP', `the payload ${message}`, {
    problems: [{ path: 'body', message }],
  });
}

/** While processes of two versions are up, it may be another one's turn when the service calls again. */
function unknownTrigger({ source: { type } }: SourceRoute): MillraceError {
  const message = `this process does not know ${type} as it is in the workflow`;
  return new MillraceError('unavailable', 'TRIGGER_UNKNOWN', message, { retryAfterMs: RETRY_AFTER_MS });
}

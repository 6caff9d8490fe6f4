import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { assertNever, MillraceError } from '#libs/kernel';
import { asMillraceError } from '../http/known-errors.ts';
import { Logger } from '../logging/logger.ts';
import { IdempotencyKeys, type Reservation } from './idempotency-keys.ts';
import { AnswerSeal, MAX_KEPT_BYTES, type KeptAnswer, type SealedAnswer } from './kept-answer.ts';
import type { KeyedRequest } from './keyed-request.ts';

/** Headers that a handler sets and that belong to its answer. */
const KEPT_HEADERS = ['etag', 'location', 'preference-applied'] as const;

/** Carries a request out, or gives the answer that it had. */
@Injectable()
export class IdempotentRuns {
  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly seal: AnswerSeal,
    private readonly logger: Logger,
  ) {}

  /**
   * What `run` gives, which becomes the body; status and headers are those of the reply. Throws what it throws, and
   * `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_KEY_IN_USE` and `IDEMPOTENCY_ANSWER_NOT_KEPT`.
   */
  async once(
    keyed: KeyedRequest,
    reply: FastifyReply,
    run: (reservation: Reservation) => Promise<unknown>,
  ): Promise<unknown> {
    const claim = await this.keys.claim(keyed);
    switch (claim.kind) {
      case 'granted':
        return this.#carryOut(claim.reservation, reply, () => run(claim.reservation));
      case 'answered':
        return this.#repeat(keyed.id, reply, claim.sealed);
      case 'running':
        throw inUse();
      case 'reused':
        throw reused();
      default:
        return assertNever(claim);
    }
  }

  async #carryOut(reservation: Reservation, reply: FastifyReply, run: () => Promise<unknown>): Promise<unknown> {
    let value: unknown;
    try {
      value = await run();
    } catch (error) {
      await this.#tell(() => this.#release(reservation, error));
      throw error;
    }
    await this.#tell(async () => {
      const sealed = this.seal.seal(reservation.id, answerOf(reply, value));
      if (await this.keys.answer(reservation, sealed)) return;
      this.logger.warn({ requestId: reply.request.id }, 'a request outlived the lease of its Idempotency-Key');
    });
    return value;
  }

  /** A refusal did nothing: whoever mends the request may use the key again, unless a run before it may have. */
  async #release(reservation: Reservation, error: unknown): Promise<void> {
    if (isRefusal(error) && !reservation.uncertain) await this.keys.forget(reservation);
    else await this.keys.giveUp(reservation);
  }

  /** The answer is the caller's either way. What could not be told, the end of the lease tells. */
  async #tell(telling: () => Promise<void>): Promise<void> {
    try {
      await telling();
    } catch (error) {
      this.logger.warn({ error }, 'an Idempotency-Key could not be settled; its lease will end');
    }
  }

  #repeat(id: string, reply: FastifyReply, sealed: SealedAnswer): unknown {
    const answer = this.seal.open(id, sealed);
    if (answer?.body === undefined) throw notKept(answer);
    reply.status(answer.status).headers(answer.headers).header('idempotency-replayed', 'true');
    return answer.body === null ? undefined : JSON.parse(answer.body);
  }
}

function answerOf(reply: FastifyReply, value: unknown): KeptAnswer {
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const header = reply.getHeader(name);
    if (header !== undefined) headers[name] = String(header);
  }
  const body = value === undefined ? null : JSON.stringify(value);
  const kept = body === null || Buffer.byteLength(body) <= MAX_KEPT_BYTES;
  return { status: reply.statusCode, headers, ...(kept ? { body } : {}) };
}

/** Whether the error says that nothing was done, as opposed to "who knows". */
function isRefusal(error: unknown): boolean {
  const told = asMillraceError(error);
  return told !== undefined && told.kind !== 'unavailable';
}

function inUse(): MillraceError {
  return new MillraceError(
    'conflict',
    'IDEMPOTENCY_KEY_IN_USE',
    'the first call with this key is still at work; try again for its answer',
    { retryAfterMs: 1_000 },
  );
}

function reused(): MillraceError {
  return new MillraceError(
    'refused',
    'IDEMPOTENCY_KEY_REUSED',
    'this key was used for another request within the last 24 hours; take a new one for each request',
  );
}

function notKept(answer: KeptAnswer | undefined): MillraceError {
  const location = answer?.headers['location'];
  return new MillraceError(
    'conflict',
    'IDEMPOTENCY_ANSWER_NOT_KEPT',
    `the first call with this key went well, and its answer cannot be given again${location ? `; see ${location}` : ''}`,
  );
}

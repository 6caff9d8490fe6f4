import type { JetStreamManager } from '@nats-io/jetstream';
import { elapsed } from '#libs/jetstream';
import { InvariantError, type Clock } from '#libs/kernel';
import { isAway } from '../platform/away.ts';
import type { Logger } from '../platform/logging/logger.ts';

/** Zones do not matter to it, NTP keeps within milliseconds, and hosts without it are seconds apart: more than this is broken. */
const MAY_DIFFER_MS = 60_000;
/** A clock that is slewed moves by 5 ms between two verifications. */
const IS_STEP_MS = 1_000;
const VERIFY_EVERY_MS = 10_000;
const WRONG_AGAIN_AFTER_MS = 1_000;
const LOOK_EVERY_MS = 200;
const TELL_EVERY_MS = 60_000;
/** Who was frozen over a question does not know when it was answered. */
const ANSWERED_WITHIN_MS = 10_000;

export interface TrustedClockParts {
  readonly manager: Pick<JetStreamManager, 'streams'>;
  /** Any; the server that leads it says what time it has. */
  readonly stream: string;
  /** The one that is held against the server's. */
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}

/**
 * Whether the clock of this process may be decided by. What is decided for slots of the future stays decided, so one
 * moment of an hour too late makes schedules silent for an hour. A clock is trusted that was about that of the NATS server
 * when it was asked last, and was not set since: that it was is seen without asking, by the clock that nobody sets.
 *
 * While NATS is away what was found last holds on.
 */
export class TrustedClock implements AsyncDisposable {
  readonly #ended = new AbortController();
  #running: Promise<void> | undefined;
  /** Of the wall clock over the monotonic one, when it was right; undefined when it was wrong, or nobody could tell yet. */
  #rightOffsetMs: number | undefined;
  #aheadMs: number | undefined;
  /** Of the server's clock over the monotonic one. */
  #serverOffsetMs: number | undefined;
  #toldMs = -Infinity;

  constructor(private readonly parts: TrustedClockParts) {}

  get isTrusted(): boolean {
    if (this.#rightOffsetMs === undefined) return false;
    return Math.abs(this.#offsetMs() - this.#rightOffsetMs) <= IS_STEP_MS;
  }

  /** How far it was ahead of the server's when that was measured last; negative: behind. */
  get aheadMs(): number | undefined {
    return this.#aheadMs;
  }

  /** What time the server has, whatever this process thinks; undefined when it never answered. */
  get serverNowMs(): number | undefined {
    return this.#serverOffsetMs === undefined ? undefined : this.parts.monotonicMs() + this.#serverOffsetMs;
  }

  /** Verifies it, and again and again from then on; `turned` is called when it may be trusted again, or no more. */
  async start(turned: () => void): Promise<void> {
    await this.verify();
    this.#running = this.#run(turned);
  }

  /** Asks the server. Without an answer nothing changes. */
  async verify(): Promise<void> {
    const { monotonicMs, logger } = this.parts;
    const sentMs = monotonicMs();
    try {
      const serverMs = await this.#askServer();
      const receivedMs = monotonicMs();
      if (receivedMs - sentMs > ANSWERED_WITHIN_MS) return;
      this.#serverOffsetMs = serverMs - (sentMs + receivedMs) / 2;
      const offsetMs = this.#offsetMs();
      this.#judge(offsetMs, offsetMs - this.#serverOffsetMs);
    } catch (error) {
      if (!isAway(error)) logger.warn({ error }, 'the clock could not be held against that of NATS; trying again');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #run(turned: () => void): Promise<void> {
    const { signal } = this.#ended;
    let wasTrusted = this.isTrusted;
    while (!signal.aborted) {
      await this.#untilWorthAsking(signal);
      if (signal.aborted) return;
      await this.verify();
      if (this.isTrusted === wasTrusted) continue;
      wasTrusted = this.isTrusted;
      turned();
    }
  }

  /** At once when it was set. */
  async #untilWorthAsking(signal: AbortSignal): Promise<void> {
    const { monotonicMs } = this.parts;
    const { isTrusted } = this;
    const atMs = monotonicMs() + (isTrusted ? VERIFY_EVERY_MS : WRONG_AGAIN_AFTER_MS);
    while (!signal.aborted && monotonicMs() < atMs && this.isTrusted === isTrusted)
      await elapsed(LOOK_EVERY_MS, signal);
  }

  #judge(offsetMs: number, aheadMs: number): void {
    const wasWrong = this.#aheadMs !== undefined && this.#rightOffsetMs === undefined;
    const isRight = Math.abs(aheadMs) <= MAY_DIFFER_MS;
    this.#aheadMs = aheadMs;
    this.#rightOffsetMs = isRight ? offsetMs : undefined;
    if (!isRight) this.#complain(aheadMs);
    else if (wasWrong) this.parts.logger.info({ aheadMs: Math.round(aheadMs) }, 'the clock is right again');
  }

  #complain(aheadMs: number): void {
    const nowMs = this.parts.monotonicMs();
    if (nowMs < this.#toldMs + TELL_EVERY_MS) return;
    this.#toldMs = nowMs;
    const message = 'the clock is too far from that of NATS: this process does not lead the scheduling';
    this.parts.logger.error({ aheadMs: Math.round(aheadMs), mayDifferMs: MAY_DIFFER_MS }, message);
  }

  async #askServer(): Promise<number> {
    const { ts } = await this.parts.manager.streams.info(this.parts.stream);
    const serverMs = Date.parse(ts ?? '');
    if (Number.isNaN(serverMs)) throw new InvariantError(`the NATS server says that it is ${ts}`);
    return serverMs;
  }

  #offsetMs(): number {
    return this.parts.clock.nowMs() - this.parts.monotonicMs();
  }
}

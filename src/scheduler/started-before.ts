import { Inject, Injectable } from '@nestjs/common';
import { epochMsOf, MillraceError } from '#libs/kernel';
import type { SlotStart } from '#libs/schedule';
import { Logger } from '../platform/logging/logger.ts';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';
import { TrustedClock } from './trusted-clock.ts';

const HOUR_MS = 60 * 60 * 1000;
/** A history does not leave the log so soon after its start, and as long as it is there the log refuses a second one. */
const LOG_REFUSES_MS = 5 * 60 * 1000;
/** Retention removes nothing that is younger than a day, by clocks that may differ by minutes. */
const NOTHING_REMOVED_MS = 23 * HOUR_MS;
/** What clocks may differ by. */
const CLOCKS_DIFFER_MS = 60_000;

/**
 * Whether a start that comes late is one that came before: whoever makes the consumer of the schedules' log anew is asked
 * for all starts that it holds, also of executions that were archived or removed since.
 */
@Injectable()
export class StartedBefore {
  constructor(
    @Inject(EXECUTION_LOG) private readonly executions: Pick<ExecutionLog, 'store'>,
    @Inject(TrustedClock) private readonly clock: Pick<TrustedClock, 'serverNowMs' | 'isTrusted'>,
    private readonly logger: Logger,
  ) {}

  async has(slot: SlotStart): Promise<boolean> {
    const { executionId, firedAt } = slot;
    const ageMs = this.#ageMs(firedAt);
    if (ageMs < LOG_REFUSES_MS) return false;
    if (await this.executions.store.readLast(executionId)) return true;
    if (ageMs < NOTHING_REMOVED_MS) return false;
    this.logger.warn({ executionId, firedAt }, 'a slot was fired long ago and has no execution any more; it gets none');
    return true;
  }

  /** Throws `TIME_UNKNOWN` where it matters and one of two clocks is wrong: the start comes again, here or elsewhere. */
  #ageMs(firedAt: string): number {
    // By the time of its own, a process whose clock is days ahead would give up what was fired just now.
    const ageMs = (this.clock.serverNowMs ?? NaN) - epochMsOf(firedAt);
    const isPlainlyFresh = ageMs >= -CLOCKS_DIFFER_MS && ageMs < LOG_REFUSES_MS;
    if (isPlainlyFresh || this.clock.isTrusted) return ageMs;
    throw new MillraceError('unavailable', 'TIME_UNKNOWN', 'this host and NATS do not agree on what time it is');
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { epochMsOf, MillraceError, toInstant, type Clock } from '#libs/kernel';
import { countOccurrences, openPeriodOf, type PresentSchedule } from '#libs/schedule';
import { CLOCK } from '../platform/tokens.ts';
import { proofViewOf, type ProofView } from './proof-view.ts';
import { ReadSchedules } from './read-schedules.ts';
import type { ProofQuery, ScheduleTarget } from './schedules.dto.ts';
import { SlotLedgers } from './slot-ledgers.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Slots of one answer. */
const MOST_SLOTS = 10_000;

/** Holds the slots that a schedule's terms make against its history. */
@Injectable()
export class ProveSchedule {
  constructor(
    private readonly reading: ReadSchedules,
    private readonly ledgers: SlotLedgers,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `SCHEDULE_NOT_FOUND` and `TOO_MANY_SLOTS`. */
  async prove(target: ScheduleTarget, query: ProofQuery): Promise<ProofView> {
    const { state } = await this.reading.known(target);
    const { scheduleId } = target;
    const nowMs = this.clock.nowMs();
    const toMs = query.to === undefined ? nowMs : epochMsOf(query.to);
    const askedMs = query.from === undefined ? toMs - defaultSpanMs(state, toMs) : epochMsOf(query.from);
    if (askedMs >= toMs) throw emptySpan();
    const { ledger, fromMs } = await this.ledgers.of(scheduleId, { fromMs: askedMs, toMs });
    if (ledger.countExpected(MOST_SLOTS + 1) > MOST_SLOTS) throw tooMany();
    return proofViewOf({ scheduleId, from: toInstant(fromMs), to: toInstant(toMs) }, ledger.prove(nowMs));
  }
}

/** A day; two hours when a day has more slots than an answer takes. */
function defaultSpanMs(state: PresentSchedule, toMs: number): number {
  const rule = openPeriodOf(state)?.terms.rule;
  const count = rule && countOccurrences(rule, { afterMs: toMs - 24 * HOUR_MS, upToMs: toMs }, MOST_SLOTS);
  return count === null || (count ?? 0) > MOST_SLOTS ? 2 * HOUR_MS : 24 * HOUR_MS;
}

function emptySpan(): MillraceError {
  const problems = [{ path: 'from', message: 'must be before to' }];
  return new MillraceError('malformed', 'INVALID_REQUEST', 'the stretch of time is empty', { problems });
}

function tooMany(): MillraceError {
  const message = `there are more than ${MOST_SLOTS} slots in that time; ask for shorter ones, one after the other`;
  return new MillraceError('refused', 'TOO_MANY_SLOTS', message);
}

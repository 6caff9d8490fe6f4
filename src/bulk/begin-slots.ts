import { setImmediate as turn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { MAX_TARGETS } from '#libs/bulk-jobs';
import { epochMsOf, MillraceError, toInstant, type Clock, type JobId, type ScheduleId } from '#libs/kernel';
import { occurrencesBetween, armedPeriodOf, type ScheduleRule, type ScheduleTerms } from '#libs/schedule';
import type { Access } from '../platform/access/authenticator.ts';
import { CLOCK } from '../platform/tokens.ts';
import { ReadSchedules } from '../schedules/read-schedules.ts';
import type { BackfillSlotsBody } from '../schedules/schedules.dto.ts';
import { SlotLedgers } from '../schedules/slot-ledgers.ts';
import { BeginBulk } from './begin-bulk.ts';
import type { BulkJobView } from './bulk-job-view.ts';

/** Others of the process have their turn after so many. */
const LOOKED_AT_A_STRETCH = 1_000;

/** Has slots of the past run that had no execution at their time. */
@Injectable()
export class BeginSlots {
  constructor(
    private readonly schedules: ReadSchedules,
    private readonly ledgers: SlotLedgers,
    private readonly bulk: BeginBulk,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `SCHEDULE_NOT_FOUND`, `SCHEDULE_NOT_ACTIVE`, `SLOTS_TO_COME` and `HISTORY_NOT_KEPT`. */
  async begin(id: JobId, access: Access, scheduleId: ScheduleId, body: BackfillSlotsBody): Promise<BulkJobView> {
    const { from, to, perSecond, dryRun } = body;
    const { rule } = await this.#termsOf(access, scheduleId);
    if (epochMsOf(to) > this.clock.nowMs()) throw toCome();
    const found = await this.#slotsWithout(scheduleId, rule, { fromMs: epochMsOf(from), toMs: epochMsOf(to) });
    const next = found.at(MAX_TARGETS);
    const action = { kind: 'slots', scheduleId, ...(next === undefined ? {} : { nextFrom: next }) } as const;
    const targets = found.slice(0, MAX_TARGETS);
    return this.bulk.accept(id, access, { action, perSecond, dryRun, targets, isCut: next !== undefined });
  }

  /** Those that had no execution, and one more than a job takes when there are more. */
  async #slotsWithout(
    scheduleId: ScheduleId,
    rule: ScheduleRule,
    span: { readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly string[]> {
    const { ledger, fromMs } = await this.ledgers.of(scheduleId, span);
    if (fromMs > span.fromMs) throw notKept(fromMs);
    const found: string[] = [];
    let looked = 0;
    for (const slotMs of occurrencesBetween(rule, { afterMs: fromMs - 1, upToMs: span.toMs - 1 })) {
      if (!ledger.hasRun(slotMs)) found.push(toInstant(slotMs));
      if (found.length > MAX_TARGETS) break;
      if (++looked % LOOKED_AT_A_STRETCH === 0) await turn();
    }
    return found;
  }

  async #termsOf({ workspaceId }: Access, scheduleId: ScheduleId): Promise<ScheduleTerms> {
    const { state } = await this.schedules.known({ workspaceId, scheduleId });
    return armedPeriodOf(state).terms;
  }
}

function notKept(fromMs: number): MillraceError {
  const problems = [{ path: 'from', message: `must not be before ${toInstant(fromMs)}` }];
  const message = 'what came of slots before is not kept any more, so they could run twice';
  return new MillraceError('refused', 'HISTORY_NOT_KEPT', message, { problems });
}

function toCome(): MillraceError {
  const problems = [{ path: 'to', message: 'must not be after now' }];
  return new MillraceError('refused', 'SLOTS_TO_COME', 'slots to come are fired by the schedule itself', { problems });
}

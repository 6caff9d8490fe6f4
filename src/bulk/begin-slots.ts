import { Inject, Injectable } from '@nestjs/common';
import { MAX_TARGETS } from '#libs/bulk-jobs';
import { epochMsOf, MillraceError, toInstant, type Clock, type JobId, type ScheduleId } from '#libs/kernel';
import { occurrencesBetween, openPeriodOf, type ScheduleTerms } from '#libs/schedule';
import type { Access } from '../platform/access/authenticator.ts';
import { CLOCK } from '../platform/tokens.ts';
import { ReadSchedules } from '../schedules/read-schedules.ts';
import type { BackfillSlotsBody } from '../schedules/schedules.dto.ts';
import { BeginBulk } from './begin-bulk.ts';
import type { BulkJobView } from './bulk-job-view.ts';

/** Has slots of the past run that had no execution at their time. */
@Injectable()
export class BeginSlots {
  constructor(
    private readonly schedules: ReadSchedules,
    private readonly bulk: BeginBulk,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `SCHEDULE_NOT_FOUND`, `SCHEDULE_NOT_ACTIVE` and `SLOTS_TO_COME`. */
  async begin(id: JobId, access: Access, scheduleId: ScheduleId, body: BackfillSlotsBody): Promise<BulkJobView> {
    const { from, to, perSecond, dryRun } = body;
    const { rule } = await this.#termsOf(access, scheduleId);
    if (epochMsOf(to) > this.clock.nowMs()) throw toCome();
    const span = { afterMs: epochMsOf(from) - 1, upToMs: epochMsOf(to) - 1 };
    const found: string[] = [];
    for (const slotMs of occurrencesBetween(rule, span)) {
      found.push(toInstant(slotMs));
      if (found.length > MAX_TARGETS) break;
    }
    const next = found.at(MAX_TARGETS);
    const action = { kind: 'slots', scheduleId, ...(next === undefined ? {} : { nextFrom: next }) } as const;
    const targets = found.slice(0, MAX_TARGETS);
    return this.bulk.accept(id, access, { action, perSecond, dryRun, targets, isCut: next !== undefined });
  }

  async #termsOf({ workspaceId }: Access, scheduleId: ScheduleId): Promise<ScheduleTerms> {
    const { state } = await this.schedules.known({ workspaceId, scheduleId });
    const open = openPeriodOf(state);
    if (open) return open.terms;
    const message = 'the workflow is not active, or its active version does not have this schedule; activate it first';
    throw new MillraceError('conflict', 'SCHEDULE_NOT_ACTIVE', message);
  }
}

function toCome(): MillraceError {
  const problems = [{ path: 'to', message: 'must not be after now' }];
  return new MillraceError('refused', 'SLOTS_TO_COME', 'slots to come are fired by the schedule itself', { problems });
}

import { Inject, Injectable } from '@nestjs/common';
import type { StoredCommit } from '#libs/event-sourcing';
import { SlotLedger, type PresentSchedule, type ScheduleEvent } from '#libs/schedule';
import { readSnapshot } from '#libs/scheduler';
import { SCHEDULE_LOG, type ScheduleLog } from '../platform/nats/tokens.ts';

/** What a schedule's history says of the slots of a stretch of time. */
export interface KeptLedger {
  readonly ledger: SlotLedger;
  /** Since when the history is kept that it needs, at the earliest when it was asked for. */
  readonly fromMs: number;
}

@Injectable()
export class SlotLedgers {
  constructor(@Inject(SCHEDULE_LOG) private readonly log: ScheduleLog) {}

  /** `fromMs` is in the stretch, `toMs` is not. */
  async of(scheduleId: string, { fromMs, toMs }: { fromMs: number; toMs: number }): Promise<KeptLedger> {
    const ledgerFrom = (sinceMs: number, before?: PresentSchedule): KeptLedger => ({
      fromMs: sinceMs,
      ledger: new SlotLedger({ afterMs: sinceMs - 1, upToMs: toMs - 1 }, before),
    });
    let kept: KeptLedger | undefined;
    for await (const commit of this.log.store.readHistory(scheduleId)) {
      const lost = kept ? undefined : readLost(commit);
      kept ??= lost ? ledgerFrom(Math.max(fromMs, lost.decidedUpToMs + 1), lost) : ledgerFrom(fromMs);
      if (!lost) for (const event of commit.events) kept.ledger.take(event, commit.at);
    }
    return kept ?? ledgerFrom(fromMs);
  }
}

/** What a history began with that is not kept from its beginning: the first commit that is there stands for those before. */
function readLost({ firstVersion, snapshot }: StoredCommit<ScheduleEvent>): PresentSchedule | undefined {
  return firstVersion === 1 ? undefined : readSnapshot(snapshot)?.state;
}

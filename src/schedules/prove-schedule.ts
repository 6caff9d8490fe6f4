import { Inject, Injectable } from '@nestjs/common';
import { epochMsOf, MillraceError, toInstant, type Clock } from '#libs/kernel';
import { SlotLedger, type PresentSchedule, type ScheduleEvent } from '#libs/schedule';
import { readSnapshot } from '#libs/scheduler';
import type { StoredCommit } from '#libs/event-sourcing';
import { SCHEDULE_LOG, type ScheduleLog } from '../platform/nats/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import { proofViewOf, type ProofView } from './proof-view.ts';
import { ReadSchedules } from './read-schedules.ts';
import type { ProofQuery, ScheduleTarget } from './schedules.dto.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Slots of one answer. */
const MOST_SLOTS = 10_000;

/** Holds the slots that a schedule's terms make against its history. */
@Injectable()
export class ProveSchedule {
  constructor(
    private readonly reading: ReadSchedules,
    @Inject(SCHEDULE_LOG) private readonly log: ScheduleLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `SCHEDULE_NOT_FOUND` and `TOO_MANY_SLOTS`. */
  async prove(target: ScheduleTarget, query: ProofQuery): Promise<ProofView> {
    await this.reading.known(target);
    const { scheduleId } = target;
    const nowMs = this.clock.nowMs();
    const toMs = query.to === undefined ? nowMs : epochMsOf(query.to);
    const askedMs = query.from === undefined ? toMs - DAY_MS : epochMsOf(query.from);
    if (askedMs >= toMs) throw emptySpan();
    const { ledger, fromMs } = await this.#ledgerOf(scheduleId, askedMs, toMs);
    if (ledger.countExpected(MOST_SLOTS + 1) > MOST_SLOTS) throw tooMany();
    return proofViewOf({ scheduleId, from: toInstant(fromMs), to: toInstant(toMs) }, ledger.prove(nowMs));
  }

  async #ledgerOf(scheduleId: string, askedMs: number, toMs: number): Promise<KeptLedger> {
    const ledgerFrom = (fromMs: number, before?: PresentSchedule): KeptLedger => ({
      fromMs,
      ledger: new SlotLedger({ afterMs: fromMs - 1, upToMs: toMs - 1 }, before),
    });
    let kept: KeptLedger | undefined;
    for await (const commit of this.log.store.readHistory(scheduleId)) {
      const lost = kept ? undefined : readLost(commit);
      kept ??= lost ? ledgerFrom(Math.max(askedMs, lost.decidedUpToMs + 1), lost) : ledgerFrom(askedMs);
      if (!lost) for (const event of commit.events) kept.ledger.take(event, commit.at);
    }
    return kept ?? ledgerFrom(askedMs);
  }
}

interface KeptLedger {
  readonly ledger: SlotLedger;
  /** Since when the history is kept that it needs, at the earliest when it was asked for. */
  readonly fromMs: number;
}

/** What a history began with that is not kept from its beginning: the first commit that is there stands for those before. */
function readLost({ firstVersion, snapshot }: StoredCommit<ScheduleEvent>) {
  return firstVersion === 1 ? undefined : readSnapshot(snapshot)?.state;
}

function emptySpan(): MillraceError {
  const problems = [{ path: 'from', message: 'must be before to' }];
  return new MillraceError('malformed', 'INVALID_REQUEST', 'the stretch of time is empty', { problems });
}

function tooMany(): MillraceError {
  const message = `there are more than ${MOST_SLOTS} slots in that time; ask for shorter ones, one after the other`;
  return new MillraceError('refused', 'TOO_MANY_SLOTS', message);
}

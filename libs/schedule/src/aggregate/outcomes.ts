import { toInstant } from '#libs/kernel';
import { countOccurrences, latestOccurrences, nextOccurrence, occurrencesBetween } from '../occurrences.ts';
import { fireMsOf, planAhead } from './planned.ts';
import type { ScheduleContext } from './schedule-context.ts';
import { MOST_COUNTED, type Misfire, type OutcomeEvent } from './schedule-events.ts';
import { evolveSchedule, type Period, type PresentSchedule } from './schedule-state.ts';

/** Slots that `runAll` catches up with; those before them are missed. */
export const CATCH_UP = 1_000;
/** Slots that get an outcome of their own in one commit. The others follow in the next. */
const MOST_AT_ONCE = 100;

/** Slots that are looked at one by one: those in time, and those that may be fired late. */
const MOST_DUE: Readonly<Record<Misfire, number>> = { skip: 10, runOnce: 10, runAll: CATCH_UP + MOST_AT_ONCE };

type Stretch = Extract<OutcomeEvent, { readonly data: { readonly first: string } }>;
type About<Event> = Event extends Stretch
  ? { readonly type: Event['type']; readonly data: Omit<Event['data'], 'first' | 'last' | 'count' | 'planned'> }
  : never;

/** The outcomes of one commit, and the schedule as they leave it. */
export class Outcomes {
  readonly events: OutcomeEvent[] = [];
  #single = 0;
  #isUnderWay: boolean;

  constructor(
    private state: PresentSchedule,
    private readonly context: ScheduleContext,
  ) {
    this.#isUnderWay = context.isLastUnderWay;
  }

  get nowMs(): number {
    return this.context.nowMs;
  }

  /** No more slots fit into the commit. */
  get isFull(): boolean {
    return this.#single >= MOST_AT_ONCE;
  }

  /** Whether a slot up to then is still to be fired. */
  isWaitingUpTo(ms: number): boolean {
    return (this.state.planned[0] ?? Infinity) <= ms;
  }

  /** Of a slot and its jitter; negative when they are to come. */
  lateMs(period: Period, slotMs: number): number {
    return this.nowMs - fireMsOf(this.context.scheduleId, period, slotMs);
  }

  /** Slots of the period that are due, oldest first; when there are very many, the newest, and the last `older` one. */
  dueIn(period: Period): { readonly due: readonly number[]; readonly older: number | undefined } {
    const { terms, untilMs = Infinity } = period;
    const upToMs = Math.min(untilMs, this.nowMs);
    const isDue = (slotMs: number): boolean => this.lateMs(period, slotMs) >= 0;
    // What is planned is enough as long as there is something planned that is to come.
    if ((this.state.planned.at(-1) ?? Infinity) > upToMs)
      return {
        due: takeWhile(this.state.planned, (slotMs) => slotMs <= upToMs && isDue(slotMs)),
        older: undefined,
      };
    const span = { afterMs: this.#afterMs(period), upToMs };
    const surelyMs = Math.max(span.afterMs, untilMs <= this.nowMs ? untilMs : this.nowMs - terms.jitterMs);
    const most = MOST_DUE[terms.misfire];
    const surely = latestOccurrences(terms.rule, { ...span, upToMs: surelyMs }, most + 1);
    const others = occurrencesBetween(terms.rule, { ...span, afterMs: surelyMs });
    const due = [...surely.slice(-most), ...takeWhile(others, isDue)];
    return { due, older: surely.at(-most - 1) };
  }

  /** The newest slot of a closed period. */
  lastIn(period: Period): number | undefined {
    const span = { afterMs: this.#afterMs(period), upToMs: period.untilMs ?? this.nowMs };
    return latestOccurrences(period.terms.rule, span, 1)[0];
  }

  /** The slot has an execution; or none, as it must not while that of the slot before is under way. */
  fire(period: Period, slotMs: number): void {
    if (this.isFull) return;
    this.#single += 1;
    const { overlap, version } = period.terms;
    if (overlap === 'skip' && this.#isUnderWay)
      return this.pass(period, slotMs, { type: 'SlotsSkipped', data: { reason: 'overlap' } });
    const [slot, executionId] = [toInstant(slotMs), this.context.executionIdOf(slotMs)];
    const lateMs = this.lateMs(period, slotMs);
    const missed = this.state.missedSince;
    this.#record({ type: 'SlotFired', data: { slot, executionId, version, lateMs, missed, planned: [] } });
    this.#isUnderWay = true;
  }

  /** All slots of the period up to `lastMs`, which is one, share an outcome. */
  pass({ terms, ...period }: Period, lastMs: number, { type, data }: About<OutcomeEvent>): void {
    const span = { afterMs: this.#afterMs(period), upToMs: lastMs };
    // What was planned by other zone data may be no slot by that of today: it has its outcome nonetheless.
    const firstMs = Math.min(nextOccurrence(terms.rule, span.afterMs) ?? lastMs, lastMs);
    const counted = countOccurrences(terms.rule, span, MOST_COUNTED);
    const count = counted === null ? null : Math.max(counted, 1);
    const slots = { first: toInstant(firstMs), last: toInstant(lastMs), count, planned: [] };
    // The compiler does not see that the reason belongs to the type.
    this.#record({ type, data: { ...data, ...slots } } as OutcomeEvent);
  }

  #afterMs({ fromMs }: Pick<Period, 'fromMs'>): number {
    return Math.max(fromMs, this.state.decidedUpToMs);
  }

  #record(event: OutcomeEvent): void {
    const at = toInstant(this.nowMs);
    const next = this.#evolve(event, at);
    const planned = planAhead(next, this.state.planned);
    const complete = { ...event, data: { ...event.data, planned: planned.map(toInstant) } } as OutcomeEvent;
    this.events.push(complete);
    this.state = { ...next, planned };
  }

  #evolve(event: OutcomeEvent, at: string): PresentSchedule {
    const next = evolveSchedule(this.state, event, at);
    return next.status === 'present' ? next : this.state;
  }
}

function takeWhile(slots: Iterable<number>, holds: (slotMs: number) => boolean): readonly number[] {
  const taken: number[] = [];
  for (const slotMs of slots) {
    if (!holds(slotMs)) break;
    taken.push(slotMs);
  }
  return taken;
}

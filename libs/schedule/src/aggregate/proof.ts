import { epochMsOf } from '#libs/kernel';
import { occurrencesBetween, type OccurrenceSpan } from '../occurrences.ts';
import { GRACE_MS } from './decide-due.ts';
import { MOST_COUNTED, type OutcomeEvent, type ScheduleEvent, type ScheduleTerms } from './schedule-events.ts';
import type { Period, PresentSchedule } from './schedule-state.ts';

/** `pending`: to come, not later than a change of the leader takes, or in a pause that is not over. */
export type SlotOutcome = 'fired' | 'skipped' | 'coalesced' | 'missed' | 'pending';

export interface Recorded {
  readonly event: OutcomeEvent;
  readonly at: string;
}

export interface ProvenSlot {
  readonly slotMs: number;
  /** Of the workflow that the slot belongs to; null when no version made it one. */
  readonly version: number | null;
  /** Null: it was due and has none. */
  readonly outcome: SlotOutcome | null;
  readonly recorded: Recorded | null;
  /** The execution that a person started for the slot afterwards. */
  readonly backfilledBy: string | null;
}

/**
 * - `undecided`: was due and has no outcome.
 * - `unexpected`: an outcome of what is no slot.
 * - `decidedTwice`: has more than one outcome.
 * - `miscounted`: an outcome of several slots says of how many, and there are others.
 * - `againstTerms`: fired by another version than its own or amid a pause, or skipped for a pause that was none.
 */
export type SlotProblem = 'undecided' | 'unexpected' | 'decidedTwice' | 'miscounted' | 'againstTerms';

export interface SlotProof {
  /** Whether each slot that was due has exactly one outcome, and each outcome its slots. */
  readonly matches: boolean;
  /** Oldest first. */
  readonly slots: readonly ProvenSlot[];
  readonly problems: readonly { readonly slotMs: number; readonly problem: SlotProblem }[];
}

interface Expected {
  readonly slotMs: number;
  readonly period: Period;
  readonly recorded: Recorded[];
}

/**
 * Holds what a schedule's history says came of its slots against the slots that its terms make. Both over a stretch of
 * time: `afterMs` is not in it, `upToMs` is. It reads the terms by itself, so that it does not repeat what the decider
 * may have got wrong.
 */
export class SlotLedger {
  readonly #periods: Period[];
  #isPaused: boolean;
  readonly #recorded: Recorded[] = [];
  readonly #backfilled = new Map<number, string>();

  /** @param before what the first event finds, when the beginning of the history is gone */
  constructor(
    private readonly span: OccurrenceSpan,
    before: Pick<PresentSchedule, 'periods' | 'paused'> = { periods: [], paused: false },
  ) {
    this.#periods = [...before.periods];
    this.#isPaused = before.paused;
  }

  take(event: ScheduleEvent, at: string): void {
    switch (event.type) {
      case 'ScheduleArmed':
        this.#turn(event.data.from, event.data.terms);
        return;
      case 'ScheduleDisarmed':
        this.#close(epochMsOf(event.data.until));
        return;
      case 'SchedulePaused':
      case 'ScheduleResumed':
        this.#isPaused = event.type === 'SchedulePaused';
        this.#turn(event.data.from, this.#periods.at(-1)?.terms);
        return;
      case 'SlotBackfilled':
        this.#backfilled.set(epochMsOf(event.data.slot), event.data.executionId);
        return;
      case 'CalendarChanged':
        return;
      default:
        this.#record({ event, at });
    }
  }

  /** Slots of the stretch, up to `atMost`. */
  countExpected(atMost: number): number {
    let count = 0;
    for (const _ of this.#eachExpected()) if (++count >= atMost) break;
    return count;
  }

  prove(nowMs: number): SlotProof {
    const expected: Expected[] = [...this.#eachExpected()].map((slot) => ({ ...slot, recorded: [] }));
    for (const recorded of this.#recorded) for (const slot of slotsOf(recorded, expected)) slot.recorded.push(recorded);
    const due = expected.map((slot) => this.#provenOf({ ...slot, recorded: slot.recorded[0] }, nowMs));
    const unexpected = this.#recorded.flatMap((recorded) =>
      this.#noSlotsIn(recorded, expected).map((slotMs) => this.#provenOf({ slotMs, recorded }, nowMs)),
    );
    const twice = expected.filter(({ recorded }) => recorded.length > 1);
    const undecided = due.filter(({ outcome }) => outcome === null);
    const problems = [
      ...problemsOf('undecided', undecided),
      ...problemsOf('decidedTwice', twice),
      ...problemsOf('unexpected', unexpected),
      ...problemsOf('miscounted', this.#miscounted(expected)),
      ...problemsOf('againstTerms', expected.filter(isAgainstTerms)),
    ];
    const slots = [...due, ...unexpected].toSorted((one, other) => one.slotMs - other.slotMs);
    return { matches: problems.length === 0, slots, problems };
  }

  /** Of the first and the last slot that an outcome names, as far as they are in the span, those that are none. */
  #noSlotsIn({ event }: Recorded, expected: readonly Expected[]): readonly number[] {
    return [...new Set(boundsOf(event))].filter(
      (ms) => ms > this.span.afterMs && ms <= this.span.upToMs && expected[firstAtLeast(expected, ms)]?.slotMs !== ms,
    );
  }

  #miscounted(expected: readonly Expected[]): readonly { readonly slotMs: number }[] {
    return this.#recorded
      .filter((recorded) => this.#isMiscounted(recorded.event, slotsOf(recorded, expected)))
      .map(({ event }) => ({ slotMs: boundsOf(event)[0] }));
  }

  #turn(from: string, terms: ScheduleTerms | undefined): void {
    const fromMs = epochMsOf(from);
    this.#close(fromMs);
    if (terms) this.#periods.push({ terms, fromMs, ...(this.#isPaused ? { paused: true } : {}) });
  }

  #close(untilMs: number): void {
    const open = this.#periods.pop();
    if (open) this.#periods.push(open.untilMs === undefined ? { ...open, untilMs } : open);
  }

  #record(recorded: Recorded): void {
    const [firstMs, lastMs] = boundsOf(recorded.event);
    if (lastMs > this.span.afterMs && firstMs <= this.span.upToMs) this.#recorded.push(recorded);
  }

  *#eachExpected(): Generator<Omit<Expected, 'recorded'>> {
    for (const period of this.#periods) {
      const { fromMs, untilMs = Infinity, terms } = period;
      const span = { afterMs: Math.max(this.span.afterMs, fromMs), upToMs: Math.min(this.span.upToMs, untilMs) };
      for (const slotMs of occurrencesBetween(terms.rule, span)) yield { slotMs, period };
    }
  }

  #provenOf(
    slot: { readonly slotMs: number; readonly period?: Period; readonly recorded: Recorded | undefined },
    nowMs: number,
  ): ProvenSlot {
    const { slotMs, period, recorded } = slot;
    const isPending = isToCome(slotMs, period, nowMs) ? 'pending' : null;
    return {
      slotMs,
      version: period?.terms.version ?? null,
      outcome: recorded ? OUTCOMES[recorded.event.type] : isPending,
      recorded: recorded ?? null,
      backfilledBy: this.#backfilled.get(slotMs) ?? null,
    };
  }

  #isMiscounted(event: OutcomeEvent, found: readonly Expected[]): boolean {
    const [slot] = found;
    if (event.type === 'SlotFired' || !slot) return false;
    const { count } = event.data;
    const [firstMs, lastMs] = boundsOf(event);
    const isWhole = firstMs > this.span.afterMs && lastMs <= this.span.upToMs;
    if (count !== null) return isWhole && found.length !== count;
    return isWhole && (found.length <= MOST_COUNTED || slot.period.terms.rule.kind !== 'cron');
  }
}

const OUTCOMES: Readonly<Record<OutcomeEvent['type'], SlotOutcome>> = {
  SlotFired: 'fired',
  SlotsSkipped: 'skipped',
  SlotsCoalesced: 'coalesced',
  SlotsMissed: 'missed',
};

function problemsOf(
  problem: SlotProblem,
  slots: readonly { readonly slotMs: number }[],
): readonly { readonly slotMs: number; readonly problem: SlotProblem }[] {
  return slots.map(({ slotMs }) => ({ slotMs, problem }));
}

function isToCome(slotMs: number, period: Period | undefined, nowMs: number): boolean {
  if (period?.paused) return (period.untilMs ?? Infinity) + GRACE_MS >= nowMs;
  return slotMs + (period?.terms.jitterMs ?? 0) + GRACE_MS >= nowMs;
}

function isAgainstTerms({ period, recorded }: Expected): boolean {
  const isPaused = period.paused ?? false;
  return recorded.some(({ event }) =>
    event.type === 'SlotFired'
      ? isPaused || event.data.version !== period.terms.version
      : isPaused !== (event.type === 'SlotsSkipped' && event.data.reason === 'paused'),
  );
}

/** Slots follow on each other in time, so those of one outcome lie together. */
function slotsOf({ event }: Recorded, expected: readonly Expected[]): readonly Expected[] {
  const [firstMs, lastMs] = boundsOf(event);
  const from = firstAtLeast(expected, firstMs);
  const to = firstAtLeast(expected, lastMs + 1);
  return expected.slice(from, to);
}

function firstAtLeast(expected: readonly Expected[], ms: number): number {
  let low = 0;
  for (let high = expected.length; low < high;) {
    const middle = (low + high) >>> 1;
    if ((expected[middle]?.slotMs ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function boundsOf(event: OutcomeEvent): readonly [firstMs: number, lastMs: number] {
  if (event.type !== 'SlotFired') return [epochMsOf(event.data.first), epochMsOf(event.data.last)];
  const slotMs = epochMsOf(event.data.slot);
  return [slotMs, slotMs];
}

import {
  mergeReports,
  quotaNow,
  type Permits,
  type QuotaPhase,
  type QuotaReport,
  type QuotaTerms,
  type Taken,
  type Wanted,
} from '#libs/destination-limits';
import type { Destination } from './circuit-bucket.ts';
import type { ReadQuota } from './quota-bucket.ts';

/** One permit, spent. */
export interface Grant {
  /** Of the window that it is from. */
  readonly windowMs: number;
  readonly enteredAtMs: number;
}

/** Who wants a permit and has not got its answer. */
export interface Asker {
  granted(grant: Grant): void;
  /** There is none: come again then. */
  sentAway(untilMs: number): void;
}

/** What was asked for within this is asked for again, and more of it. */
const BUSY_MS = 1_000;
const MOST_PLACES_AHEAD = 64;
/** An end of a window that is told to be this much earlier is worth a message of its own. */
const MUCH_EARLIER_MS = 2_000;

/** What this process has of one quota, and what it knows of it. */
export class Purse {
  known: ReadQuota | undefined;
  /** Whether somebody is asking. */
  asking = false;
  readonly askers: Asker[] = [];
  #permits: Permits = { count: 0, untilMs: 0, windowMs: 0 };
  #places: readonly number[] = [];
  #nothingUntilMs = 0;
  #taken = { permits: 0, atMs: 0, places: 0 };
  #news: QuotaReport | undefined;
  #isUrgent = false;
  #spent = 0;

  constructor(
    readonly quota: Destination,
    public terms: QuotaTerms,
  ) {}

  get hasToAsk(): boolean {
    return this.askers.length > 0 || this.#isUrgent || this.#spent > 0;
  }

  /** Whether the asker got its answer from what is known here. */
  answers(asker: Asker, nowMs: number): boolean {
    return this.#spends(asker, nowMs) || (nowMs < this.#nothingUntilMs && this.#seats(asker, nowMs));
  }

  /** A call of an attempt that is under way: with what is here, else others are told that there is one less. */
  spend(nowMs: number): void {
    if (!this.#isSpent(nowMs)) this.#spent++;
  }

  /** What was called without a permit, and others do not know yet; they are told by who takes it. */
  takeSpent(): number {
    const spent = this.#spent;
    this.#spent = 0;
    return spent;
  }

  /** It was not used after all. */
  putBack({ windowMs }: Grant): void {
    if (windowMs === this.#permits.windowMs) this.#permits = { ...this.#permits, count: this.#permits.count + 1 };
  }

  /** How much to ask for: the more, the faster it went the last time. */
  wanted(waiting: number, nowMs: number): Wanted {
    const { permits, atMs, places } = this.#taken;
    const isBusy = waiting > 0 && Math.abs(nowMs - atMs) < BUSY_MS;
    const placesAhead = nowMs < this.#nothingUntilMs ? Math.min(2 * places, MOST_PLACES_AHEAD) : 0;
    return { waiting, ahead: isBusy ? 2 * permits : 0, placesAhead };
  }

  /** What was given, for those who ask; what is more is kept. */
  take({ permits, places, nothingUntilMs }: Taken, askers: readonly Asker[], nowMs: number): void {
    const given = Math.min(permits.count, askers.length);
    for (const asker of askers.slice(0, given)) asker.granted({ windowMs: permits.windowMs, enteredAtMs: nowMs });
    if (permits.count > 0) this.#permits = { ...permits, count: permits.count - given };
    this.#taken = { permits: permits.count, atMs: nowMs, places: places.length };
    this.#places = [...this.#places, ...places];
    this.#nothingUntilMs = nothingUntilMs;
    for (const asker of askers.slice(given)) if (!this.#seats(asker, nowMs)) asker.sentAway(nowMs + BUSY_MS);
  }

  /** An answer said what is left. It goes with the next question, unless others should know it now. */
  hear(said: QuotaReport, nowMs: number): void {
    if (!this.terms.learns) return;
    const report = this.#withoutOurs(said);
    const worth = this.#worthOf(report, nowMs);
    if (worth === 'nothing') return;
    this.#news = this.#news ? mergeReports(this.#news, report) : report;
    this.#isUrgent ||= worth === 'much';
  }

  /** What others do not know yet; they are told by who takes it. */
  takeNews(): QuotaReport | undefined {
    const news = this.#news;
    this.#news = undefined;
    this.#isUrgent = false;
    return news;
  }

  #spends(asker: Asker, nowMs: number): boolean {
    if (!this.#isSpent(nowMs)) return false;
    asker.granted({ windowMs: this.#permits.windowMs, enteredAtMs: nowMs });
    return true;
  }

  #isSpent(nowMs: number): boolean {
    const { count, untilMs } = this.#permits;
    if (count === 0 || nowMs >= untilMs) return false;
    this.#permits = { ...this.#permits, count: count - 1 };
    return true;
  }

  #seats(asker: Asker, nowMs: number): boolean {
    const [place, ...rest] = this.#places.filter((one) => one > nowMs);
    this.#places = rest;
    if (place === undefined) return false;
    asker.sentAway(place);
    return true;
  }

  /** What this process has and did not use yet is not there for others. */
  #withoutOurs(report: QuotaReport): QuotaReport {
    const { count, windowMs } = this.#permits;
    if (report.kind === 'unlimited' || report.windowMs !== windowMs) return report;
    const kept = Math.min(count, report.remaining);
    this.#permits = { ...this.#permits, count: kept };
    return { ...report, remaining: report.remaining - kept };
  }

  #worthOf(report: QuotaReport, nowMs: number): Worth {
    const phase = this.known?.state && quotaNow(this.known.state, this.terms, nowMs).phase;
    if (!phase || phase.kind === 'untold') return 'much';
    if (report.kind === 'unlimited') return 'nothing';
    return phase.kind === 'told' ? worthInWindow(report, phase) : 'much';
  }
}

type Worth = 'nothing' | 'little' | 'much';

function worthInWindow(
  { windowMs, remaining, endsToMs }: Extract<QuotaReport, { readonly kind: 'limited' }>,
  told: Extract<QuotaPhase, { readonly kind: 'told' }>,
): Worth {
  if (windowMs !== told.startedAtMs) return 'nothing';
  return remaining < told.left / 2 || endsToMs < told.endsToMs - MUCH_EARLIER_MS ? 'much' : 'little';
}

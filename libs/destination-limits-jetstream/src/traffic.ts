import { merge, recent, slotAt, takePlace, type CallOutcome, type Line, type Window } from '#libs/destination-limits';

/** Until calls were measured. */
const FIRST_GUESS_MS = 100;
/** Weight of the newest call in the mean. */
const NEWEST = 0.2;
/** Places in the line are at least so far apart: at most 200 attempts of a process come back each second. */
const CLOSEST_MS = 5;

/** What this process has under way at one destination, and what it saw there that others do not know yet. */
export class Traffic {
  #running = 0;
  #meanMs = FIRST_GUESS_MS;
  #line: Line | undefined;
  #calls: Window = [];
  #pauseMs: number | undefined;
  /** Whether somebody is telling the others. */
  reporting = false;

  get running(): number {
    return this.#running;
  }

  begin(): void {
    this.#running++;
  }

  /** It was not made after all. */
  giveBack(): void {
    this.#running--;
  }

  end(outcome: CallOutcome, { nowMs, startedMs }: { readonly nowMs: number; readonly startedMs: number }): void {
    this.#running--;
    if (outcome === 'ignored') return;
    // A clock that was set back tells no duration.
    this.#meanMs += NEWEST * (Math.max(0, nowMs - startedMs) - this.#meanMs);
    const call = outcome === 'ok' ? { ok: 1, failed: 0 } : { ok: 0, failed: 1 };
    this.#calls = recent(merge(this.#calls, [{ slot: slotAt(nowMs), ...call }]), nowMs);
  }

  askedToPause(forMs: number): void {
    this.#pauseMs = Math.max(forMs, this.#pauseMs ?? 0);
  }

  /** An instant for who can't be let in, not before `fromMs`; as far behind the one before as calls end here. */
  placeAfter(fromMs: number, room: number): number {
    const spacingMs = Math.max(this.#meanMs / room, CLOSEST_MS);
    const { line, atMs } = takePlace(this.#line, { fromMs, spacingMs });
    this.#line = line;
    return Math.ceil(atMs);
  }

  /** Whether others should hear of it: successes alone are no news. */
  get hasNews(): boolean {
    return this.#pauseMs !== undefined || this.#calls.some(({ failed }) => failed > 0);
  }

  /** What others do not know yet; they are told by who takes it. */
  takeNews(): { readonly calls: Window; readonly pauseMs: number | undefined } {
    const news = { calls: this.#calls, pauseMs: this.#pauseMs };
    this.#calls = [];
    this.#pauseMs = undefined;
    return news;
  }
}

import { setImmediate as turn } from 'node:timers/promises';
import { elapsed } from '#libs/jetstream';
import { InvariantError, type Clock } from '#libs/kernel';
import type { ScheduleEvent } from '#libs/schedule';
import { DueHeap } from './due-heap.ts';
import type { ScheduleJournal } from './schedule-journal.ts';
import type { ScheduleTable } from './schedule-table.ts';

export interface FiringLoopParts {
  readonly table: ScheduleTable;
  readonly journal: Pick<ScheduleJournal, 'submit'>;
  /** The token while this process leads; looked at before each decision. */
  readonly leads: () => number | undefined;
  readonly clock: Clock;
  readonly observer: FiringObserver;
}

export interface FiringObserver {
  decided(events: readonly ScheduleEvent[]): void;
  /** A schedule could not be decided now, and is taken up again. */
  failed(error: unknown, scheduleId: string): void;
}

/**
 * Decisions under way at once: each is a commit that waits for its acknowledgement. With the starts that follow (see the
 * consumer of slots) they leave room: webhooks are refused when 1,000 publishes of a process are unacknowledged.
 */
const AT_ONCE = 500;
/** After a long outage a decision may take tens of ms: others of the process have their turn between. */
const AT_A_STRETCH_MS = 10;
/** At least this often the clock is looked at: it may have been set meanwhile, and a timer does not see that. */
const LOOK_EVERY_MS = 500;
const AGAIN_AFTER_MS = 500;

/**
 * What the leader does: gives slots their outcomes as they become due. It keeps who is due when in a heap. That it leads is
 * for speed alone: of two that believe they do, the log lets one decide a slot, and the other reads and finds it decided.
 */
export class FiringLoop implements AsyncDisposable {
  readonly #heap = new DueHeap();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #ended = new AbortController();
  #wake = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();
  #isLeading = false;
  readonly #running: Promise<void>;
  readonly #unlisten: () => void;

  constructor(private readonly parts: FiringLoopParts) {
    this.#unlisten = parts.table.listen((scheduleId, dueMs) => this.#expect(scheduleId, dueMs));
    this.#running = this.#run();
  }

  /** The earliest that something is due; undefined when this process does not lead or nothing is. */
  get nextDueMs(): number | undefined {
    return this.#heap.first?.dueMs;
  }

  /** To be called when this process begins to lead, or may lead no more. */
  look(): void {
    this.#wake.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    this.look();
    this.#unlisten();
    await this.#running;
    await Promise.all(this.#underWay.values());
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers<void>();
      this.#turn();
      await this.#decideDue();
      await this.#nextLook(signal);
    }
  }

  /** Who begins to lead takes up all there are: how the heap was when it led before says nothing any more. */
  #turn(): void {
    const isLeading = this.parts.leads() !== undefined;
    if (isLeading === this.#isLeading) return;
    this.#isLeading = isLeading;
    this.#heap.clear();
    if (isLeading) this.#takeUpAll();
  }

  #takeUpAll(): void {
    for (const [scheduleId, dueMs] of this.parts.table.dues())
      if (dueMs !== undefined) this.#heap.push(scheduleId, dueMs);
  }

  #expect(scheduleId: string, dueMs: number | undefined): void {
    // Who is being decided is expected again when that is done.
    if (!this.#isLeading || dueMs === undefined || this.#underWay.has(scheduleId)) return;
    const isEarlier = dueMs < (this.nextDueMs ?? Infinity);
    this.#heap.push(scheduleId, dueMs);
    // What became due at another time is still in the heap at its old one.
    if (this.#heap.size > 2 * this.parts.table.size + 1_000) this.#rebuild();
    if (isEarlier) this.look();
  }

  #rebuild(): void {
    this.#heap.clear();
    this.#takeUpAll();
  }

  async #decideDue(): Promise<void> {
    const { table, clock, leads } = this.parts;
    let since = performance.now();
    while (!this.#ended.signal.aborted) {
      // Before it is asked who leads: who can't rely on its clock does not, and this instant is then not decided by.
      const nowMs = clock.nowMs();
      if (leads() === undefined) return;
      const due = this.#heap.popDue(nowMs);
      if (!due) return;
      if (table.dueMsOf(due.id) !== due.dueMs || this.#underWay.has(due.id)) continue;
      this.#begin(due.id, nowMs);
      if (this.#underWay.size >= AT_ONCE) await this.#hasRoom();
      if (performance.now() - since < AT_A_STRETCH_MS) continue;
      await turn();
      since = performance.now();
    }
  }

  #begin(scheduleId: string, nowMs: number): void {
    const deciding = this.#decide(scheduleId, nowMs)
      .catch((error: unknown) => {
        this.parts.observer.failed(error, scheduleId);
        return elapsed(AGAIN_AFTER_MS, this.#ended.signal);
      })
      .finally(() => {
        this.#underWay.delete(scheduleId);
        this.#room.resolve();
        this.#expect(scheduleId, this.parts.table.dueMsOf(scheduleId));
      });
    this.#underWay.set(scheduleId, deciding);
  }

  async #hasRoom(): Promise<void> {
    this.#room = Promise.withResolvers<void>();
    await this.#room.promise;
  }

  async #decide(scheduleId: string, nowMs: number): Promise<void> {
    const { table, journal, observer } = this.parts;
    const known = table.find(scheduleId);
    if (!known) throw new InvariantError(`${scheduleId} is due and not in the table`);
    const submitted = await journal.submit(scheduleId, { type: 'DecideSlots' }, { known, nowMs });
    if (submitted.known && submitted.known.sequence > known.sequence) table.put(scheduleId, submitted.known);
    observer.decided(submitted.events);
    const isUnchanged = submitted.events.length === 0 && submitted.known?.sequence === known.sequence;
    if (isUnchanged && this.#isDue(scheduleId)) await elapsed(AGAIN_AFTER_MS, this.#ended.signal);
  }

  /** After a decision that changed nothing: planned by other zone data, perhaps. It must not be tried without a pause. */
  #isDue(scheduleId: string): boolean {
    return (this.parts.table.dueMsOf(scheduleId) ?? Infinity) <= this.parts.clock.nowMs();
  }

  /** When something is due, the clock is to be looked at, or somebody says so. */
  async #nextLook(signal: AbortSignal): Promise<void> {
    const inMs = (this.nextDueMs ?? Infinity) - this.parts.clock.nowMs();
    const waiting = new AbortController();
    const time = elapsed(Math.min(Math.max(inMs, 0), LOOK_EVERY_MS), AbortSignal.any([signal, waiting.signal]));
    await Promise.race([time, this.#wake.promise]);
    waiting.abort();
  }
}

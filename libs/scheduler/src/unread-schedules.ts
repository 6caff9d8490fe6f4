import { elapsed } from '#libs/jetstream';
import { MillraceError } from '#libs/kernel';
import type { KnownSchedule } from './schedule-snapshot.ts';

const AGAIN_AFTER_MS = 500;

export interface UnreadSchedulesParts {
  readonly read: (scheduleId: string) => Promise<KnownSchedule | undefined>;
  readonly onRead: (scheduleId: string, known: KnownSchedule) => void;
  readonly onFault: (error: unknown) => void;
}

/** Schedules whose last commit another version of Millrace wrote: what it means has to be folded. */
export class UnreadSchedules implements AsyncDisposable {
  /** The sequences of those commits. */
  readonly #waiting = new Map<string, number>();
  readonly #ended = new AbortController();
  #reading: Promise<void> | undefined;

  constructor(private readonly parts: UnreadSchedulesParts) {}

  /** Resolves when there are none. */
  get settled(): Promise<void> {
    return this.#reading ?? Promise.resolve();
  }

  add(scheduleId: string, sequence: number): void {
    this.#toTheEnd(scheduleId, sequence);
    this.#reading ??= this.#readAll();
  }

  /** A later commit can be read: what a read under way comes back with is not wanted any more. */
  delete(scheduleId: string): void {
    this.#waiting.delete(scheduleId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#reading;
  }

  /** One after another: there may be a hundred thousand. */
  async #readAll(): Promise<void> {
    const { signal } = this.#ended;
    for (const [scheduleId, sequence] of this.#waiting) {
      if (signal.aborted) return;
      const isDone = await this.#read(scheduleId);
      if (this.#waiting.get(scheduleId) !== sequence) continue;
      if (isDone) this.#waiting.delete(scheduleId);
      else {
        this.#toTheEnd(scheduleId, sequence);
        await elapsed(AGAIN_AFTER_MS, signal);
      }
    }
    this.#reading = undefined;
  }

  /** False when it is to be tried again: what can't be read now may be later; what never can be would come for ever. */
  async #read(scheduleId: string): Promise<boolean> {
    try {
      const known = await this.parts.read(scheduleId);
      if (known && this.#waiting.has(scheduleId)) this.parts.onRead(scheduleId, known);
      return true;
    } catch (error) {
      this.parts.onFault(error);
      return !(error instanceof MillraceError) || error.kind !== 'unavailable';
    }
  }

  #toTheEnd(scheduleId: string, sequence: number): void {
    this.#waiting.delete(scheduleId);
    this.#waiting.set(scheduleId, sequence);
  }
}

import type { ScheduleIdentity } from './schedule-summary.ts';

/** A place in the order of schedules, the newest first. */
export type SchedulePlace = Pick<ScheduleIdentity, 'armedAtMs' | 'id'>;

/** Changes up to which a place is sought for each: to sort a hundred thousand costs 40 ms, a place among them less than 1 ms. */
const FEW = 32;

/**
 * Schedules in the order of their age. Put in order when somebody asks, as thousands come at once when a log is read from
 * its beginning. Afterwards they come and go one by one, and the others stay in their order.
 */
export class NewestFirst {
  #ordered: readonly ScheduleIdentity[] = [];
  readonly #come = new Set<ScheduleIdentity>();
  /** Of those in order. */
  readonly #gone = new Set<ScheduleIdentity>();

  get isEmpty(): boolean {
    return this.#come.size === 0 && this.#gone.size === this.#ordered.length;
  }

  add(schedule: ScheduleIdentity): void {
    this.#come.add(schedule);
  }

  delete(schedule: ScheduleIdentity): void {
    if (!this.#come.delete(schedule)) this.#gone.add(schedule);
  }

  /** Those behind a place; all of them without one. Not disturbed by schedules that come and go meanwhile. */
  *behind(place: SchedulePlace | undefined): Generator<ScheduleIdentity> {
    const ordered = this.#inOrder();
    for (let index = place ? firstBehind(ordered, place) : 0; index < ordered.length; index++) {
      const schedule = ordered[index];
      if (schedule) yield schedule;
    }
  }

  #inOrder(): readonly ScheduleIdentity[] {
    const changes = this.#come.size + this.#gone.size;
    if (changes === 0) return this.#ordered;
    this.#ordered = changes > FEW ? this.#sorted() : this.#patched();
    this.#come.clear();
    this.#gone.clear();
    return this.#ordered;
  }

  #sorted(): readonly ScheduleIdentity[] {
    return [...this.#ordered.filter((one) => !this.#gone.has(one)), ...this.#come].sort(order);
  }

  #patched(): readonly ScheduleIdentity[] {
    const ordered = this.#ordered.slice();
    for (const one of this.#gone) ordered.splice(firstBehind(ordered, one) - 1, 1);
    for (const one of this.#come) ordered.splice(firstBehind(ordered, one), 0, one);
    return ordered;
  }
}

function firstBehind(ordered: readonly ScheduleIdentity[], place: SchedulePlace): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const schedule = ordered[middle];
    if (schedule && order(schedule, place) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function order(one: SchedulePlace, other: SchedulePlace): number {
  if (one.armedAtMs !== other.armedAtMs) return other.armedAtMs - one.armedAtMs;
  if (one.id === other.id) return 0;
  return one.id < other.id ? 1 : -1;
}

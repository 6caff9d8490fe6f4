import type { ScheduleIdentity } from './schedule-summary.ts';

/** A place in the order of schedules, the newest first. */
export type SchedulePlace = Pick<ScheduleIdentity, 'armedAtMs' | 'id'>;

/**
 * Schedules in the order of their age. Put in order when somebody asks, as thousands come at once when a log is read from
 * its beginning; what is in order already is only merged with what came.
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
    if (this.#come.size + this.#gone.size === 0) return this.#ordered;
    const stayed = this.#gone.size === 0 ? this.#ordered : this.#ordered.filter((one) => !this.#gone.has(one));
    // Two stretches in order are merged by the sort at the cost of little more than one look at each.
    this.#ordered = [...stayed, ...[...this.#come].sort(order)].sort(order);
    this.#come.clear();
    this.#gone.clear();
    return this.#ordered;
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

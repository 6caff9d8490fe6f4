import type { RunLine } from './direct-hand-over.ts';

/** One executor class in one log stream, and the process's hands for what comes through its queue. */
export type QueuedRunLine = RunLine & { readonly queuePlaces: number };

/** All lines of a process on which attempts come to it: how many hands they have, and how much waits before them. */
export class RunLines {
  readonly #lines: QueuedRunLine[] = [];
  #hands = 0;

  add(line: QueuedRunLine): void {
    this.#lines.push(line);
    this.#hands += line.places + line.queuePlaces;
  }

  get hands(): number {
    return this.#hands;
  }

  /** Attempts in the queues as far as this process knows; those of paused ones wait for a person, and for no hand. */
  get waiting(): number {
    let waiting = 0;
    for (const line of this.#lines) if (!line.isPaused()) waiting += line.length.known;
    return waiting;
  }
}

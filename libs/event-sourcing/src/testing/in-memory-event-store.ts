import type { Commit, StoredCommit } from '../commit.ts';
import type { DomainEvent } from '../decider.ts';
import { ConcurrencyConflict, type EventStore } from '../event-store.ts';

/** For specs of what stands above a store; the contract suite keeps it indistinguishable from the real one. */
export class InMemoryEventStore<Event extends DomainEvent> implements EventStore<Event> {
  readonly #histories = new Map<string, StoredCommit<Event>[]>();
  #sequence = 0;

  async append(commit: Commit<Event>, expectedSequence: number): Promise<number> {
    const history = this.#histories.get(commit.aggregateId) ?? [];
    const last = history.at(-1);
    if ((last?.sequence ?? 0) !== expectedSequence) throw new ConcurrencyConflict(commit.aggregateId);
    const sequence = ++this.#sequence;
    // Through JSON, as on the wire: what does not survive it must not survive here.
    history.push({ ...(JSON.parse(JSON.stringify(commit)) as Commit<Event>), sequence });
    this.#histories.set(commit.aggregateId, history);
    return sequence;
  }

  async readLast(aggregateId: string): Promise<StoredCommit<Event> | undefined> {
    return this.#histories.get(aggregateId)?.at(-1);
  }

  async *readHistory(aggregateId: string, { fromSequence = 0 } = {}): AsyncIterable<StoredCommit<Event>> {
    yield* (this.#histories.get(aggregateId) ?? []).filter((commit) => commit.sequence >= fromSequence);
  }
}

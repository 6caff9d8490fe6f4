import type { JetStreamPublisher } from '#libs/jetstream';
import { encodeFact, type DeadLetterFact } from './facts.ts';
import { deadLetterSubject } from './layout.ts';

/** Says what became of dead letters. */
export class DeadLetterLog {
  constructor(private readonly publisher: JetStreamPublisher) {}

  /**
   * Gives the fact's sequence in `DEAD_LETTERS`. Said again soon, it is dropped by the server; said again later, it changes
   * nothing for whoever folds the facts.
   */
  record(fact: DeadLetterFact): Promise<number> {
    return this.publisher.publish(deadLetterSubject(fact), encodeFact(fact), { messageId: `${fact.id}:${fact.type}` });
  }
}

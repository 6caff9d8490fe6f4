import type { DeadLetterFact, DeadLettered } from '#libs/dead-letters';

export const DEAD_LETTER_STATUSES = ['open', 'redriven', 'discarded'] as const;
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

/** A dead letter as its facts have made it. */
export interface DeadLetterRecord extends Omit<DeadLettered, 'type' | 'at'> {
  readonly createdAt: string;
  readonly status: DeadLetterStatus;
  /** The execution in which its work goes on. */
  readonly redrivenAs: string | null;
}

/**
 * The record after a fact; undefined when there is none yet. What is said twice changes nothing, and an execution that
 * goes on with the work counts for more than that somebody discarded it at the same moment.
 */
export function projectDeadLetter(
  record: DeadLetterRecord | undefined,
  fact: DeadLetterFact,
): DeadLetterRecord | undefined {
  if (fact.type === 'DeadLettered') return record ?? openLetter(fact);
  return record && settledLetter(record, fact);
}

function openLetter({ type: _, at, ...letter }: DeadLettered): DeadLetterRecord {
  return { ...letter, createdAt: at, status: 'open', redrivenAs: null };
}

function settledLetter(record: DeadLetterRecord, fact: Exclude<DeadLetterFact, DeadLettered>): DeadLetterRecord {
  switch (fact.type) {
    case 'Redriven':
      return record.redrivenAs === null ? { ...record, status: 'redriven', redrivenAs: fact.executionId } : record;
    case 'Discarded':
      return record.status === 'open' ? { ...record, status: 'discarded' } : record;
  }
}

import { createHash } from 'node:crypto';
import { epochMsOf, type DeadLetterId } from '#libs/kernel';
import { derivedId } from '../platform/ids.ts';

/** An execution fails once, so it has one dead letter, however often it is set aside. */
export function deadLetterIdOf(executionId: string, { createdAt }: { readonly createdAt: string }): DeadLetterId {
  const chance = createHash('sha256').update(`deadLetter/${executionId}`).digest();
  return derivedId('deadLetter', epochMsOf(createdAt), chance);
}

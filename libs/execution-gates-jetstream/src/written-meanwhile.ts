import { PublishRefusedError } from '#libs/jetstream';

/** Refusals of a write that expected another last message on its subject. */
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10071, 10164]);

export function wasWrittenMeanwhile(error: unknown): boolean {
  return error instanceof PublishRefusedError && WRONG_LAST_SEQUENCE.has(error.errorCode);
}

import { NodeError } from '#libs/node-kit';

/** Of an attempt that begins anew each time: the limit may be less than it takes. */
const MOST_PUT_BACKS = 10;

/** Whether a limit that refused the attempt may put it back, so that it is made again and not used up. */
export function mayBePutBack(error: unknown, putBacks = 0): boolean {
  return !(error instanceof NodeError) || !error.options.afterAnswers || putBacks < MOST_PUT_BACKS;
}

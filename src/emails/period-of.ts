import { epochMsOf, MillraceError, toInstant } from '#libs/kernel';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 7;
const MOST_DAYS = 90;
/** Postgres and our instants know years with four digits. */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z');

export interface Period {
  /** At or after. */
  readonly from: string;
  /** Before. */
  readonly to: string;
}

/** The time asked for: up to now, and the last days of it, unless told otherwise. Throws `PERIOD_TOO_LONG`. */
export function periodOf(asked: { from?: string | undefined; to?: string | undefined }, nowMs: number): Period {
  const toMs = asked.to === undefined ? nowMs : epochMsOf(asked.to);
  const fromMs = asked.from === undefined ? Math.max(EARLIEST_MS, toMs - DEFAULT_DAYS * DAY_MS) : epochMsOf(asked.from);
  if (fromMs >= toMs) throw emptyPeriod();
  if (toMs - fromMs > MOST_DAYS * DAY_MS) throw tooLong();
  return { from: toInstant(fromMs), to: toInstant(toMs) };
}

function emptyPeriod(): MillraceError {
  const problems = [{ path: 'from', message: 'must be before to' }];
  return new MillraceError('malformed', 'INVALID_REQUEST', 'the stretch of time is empty', { problems });
}

function tooLong(): MillraceError {
  const message = `at most ${MOST_DAYS} days are counted together; ask for shorter times, one after the other`;
  return new MillraceError('refused', 'PERIOD_TOO_LONG', message, {
    problems: [{ path: 'from', message: `must not be more than ${MOST_DAYS} days before to` }],
  });
}

import { InvariantError } from '#libs/kernel';

/** SQLSTATE classes by which Postgres refuses what it was given: data, constraints, limits of a statement or a row. */
const CONTENT = /^(22|23|54)[0-9A-Z]{3}$/;

/** What projecting throws: no text that Postgres or the network sends makes these. */
const OF_CONTENT = [InvariantError, SyntaxError, TypeError, RangeError];

/**
 * Whether the messages themselves can't be applied: not readable, against the projection's invariants, or refused by
 * Postgres for what they hold. A fault of anything else (Postgres or the log away, out of memory) ends by itself.
 */
export function isRefused(error: unknown): error is Error {
  if (OF_CONTENT.some((kind) => error instanceof kind)) return true;
  // Only what the server itself said has a severity.
  if (!(error instanceof Error && 'severity' in error && 'code' in error)) return false;
  return typeof error.code === 'string' && CONTENT.test(error.code);
}

import { DriverException } from '@mikro-orm/core';
import pg from 'pg';

/**
 * SQLSTATEs that end by themselves: connections refused or lost (08), too few resources (53), shutting down, crashed
 * or starting (57P01 to 57P03), and a former primary that only reads (25006).
 */
const AWAY = /^(08(000|001|003|004|006)|53...|57P0[123]|25006)$/;

/** Whether Postgres was not there to answer, as opposed to not liking what it was asked. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof DriverException || error instanceof pg.DatabaseError)) return false;
  // Only what the server itself said has a severity, and a SQLSTATE as its code.
  const answered = 'severity' in error && error.severity !== undefined;
  return !answered || AWAY.test(error.code ?? '');
}

import { DriverException } from '@mikro-orm/core';
import pg from 'pg';

/**
 * For a transaction of a caller that waits at a row: while somebody else holds it across a call to the outside, connections
 * of the pool must not be held as well.
 */
export const WAIT_FOR_LOCK = `set local lock_timeout = '3s'`;

/** Whether a row was held for longer than that: SQLSTATE `lock_not_available`. */
export function isLockedTooLong(error: unknown): boolean {
  return (error instanceof DriverException || error instanceof pg.DatabaseError) && error.code === '55P03';
}

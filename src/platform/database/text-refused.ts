import { DriverException } from '@mikro-orm/core';
import pg from 'pg';

/** SQLSTATEs for a NUL in text (22021) and in JSON (22P05), the one thing that a string of ours holds and Postgres cannot. */
const REFUSED: readonly (string | undefined)[] = ['22021', '22P05'];

/** Whether Postgres refused a text that a caller sent; schemas refuse it earlier where somebody thought of it. */
export function isTextRefused(error: unknown): boolean {
  return (error instanceof DriverException || error instanceof pg.DatabaseError) && REFUSED.includes(error.code);
}

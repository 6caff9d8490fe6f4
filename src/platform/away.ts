import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import { MillraceError } from '#libs/kernel';
import { isDatabaseAway } from './database/database-away.ts';

const OF_NATS = [
  JetStreamApiError,
  JetStreamError,
  errors.ClosedConnectionError,
  errors.ConnectionError,
  errors.DrainingConnectionError,
  errors.NoRespondersError,
  errors.RequestError,
  errors.TimeoutError,
] as const;

/**
 * Whether the error, or what caused it, tells that something we depend on was not there: the log, Postgres, the network.
 * In doubt it does, as work that met it is then tried for ever instead of set aside.
 */
export function isAway(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) if (isAwayItself(one)) return true;
  return false;
}

function isAwayItself(error: Error): boolean {
  if (error instanceof MillraceError) return error.kind === 'unavailable' || error.kind === 'tooManyRequests';
  // What the system refused (ECONNREFUSED, ENOSPC …) has the name of the call.
  return isDatabaseAway(error) || 'syscall' in error || OF_NATS.some((kind) => error instanceof kind);
}

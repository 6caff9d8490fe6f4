import { types } from 'node:util';
import { ConnectionException } from '@mikro-orm/core';
import pg from 'pg';

/** The part used here of what MikroORM gives to its hook: a connection of its SQL layer. */
interface Connection {
  executeQuery(query: { readonly sql: string }, options?: unknown): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * The SQL layer gives a transaction's connection back to the pool only after a commit or a rollback that succeeded,
 * so each connection that dies within one, or in its `begin`, would cost one of the ten places for ever. Hence:
 * - a rollback that fails counts as done, as the server rolls back when a connection ends;
 * - a `begin` that fails is told by the statement after it, so that a rollback follows.
 * Given back, a dead connection is dropped by the pool.
 */
export function keepPoolWhole(created: unknown): Promise<void> {
  const connection = created as Connection; // MikroORM types it as unknown
  const send = connection.executeQuery.bind(connection);
  let failedBegin: { readonly error: unknown } | undefined;
  connection.executeQuery = async (query, options) => {
    if (query.sql === 'rollback') {
      failedBegin = undefined;
      return send(query, options).catch(() => NOTHING);
    }
    if (failedBegin) throw failedBegin.error;
    try {
      return await send(query, options);
    } catch (failure) {
      const error = markConnectionError(failure);
      if (!/^(begin|start transaction)\b/.test(query.sql)) throw error;
      failedBegin = { error };
      return NOTHING;
    }
  };
  return Promise.resolve();
}

const NOTHING = { rows: [] };

/** Errors of connecting, and of waiting for a free connection, reach the caller as ConnectionException too. */
export function tellConnectErrors(pool: pg.Pool): void {
  const connect: (callback?: unknown) => Promise<pg.PoolClient> = Reflect.get(pool, 'connect').bind(pool);
  const connectTelling = async (): Promise<pg.PoolClient> => {
    try {
      return await connect();
    } catch (error) {
      throw markConnectionError(error);
    }
  };
  // The pool calls itself with a callback for its own queries.
  Object.assign(pool, {
    connect: (callback?: unknown) => (callback === undefined ? connectTelling() : connect(callback)),
  });
}

/** What the server said stays as it is; everything else means that it did not get to say anything. */
function markConnectionError(error: unknown): unknown {
  return types.isNativeError(error) && !(error instanceof pg.DatabaseError) ? new ConnectionException(error) : error;
}

import { ConnectionException } from '@mikro-orm/core';
import pg from 'pg';

/** The part used here of what MikroORM gives to its hook: a connection of its SQL layer. */
interface Connection {
  executeQuery(query: { readonly sql: string }, options?: unknown): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * A transaction whose connection died cannot be rolled back, and the SQL layer gives a connection back to the pool
 * only after a rollback that succeeded: each death would cost one of the ten places, for ever. The server did roll
 * back, so the rollback counts as done; the pool then sees that the connection is dead and drops it.
 */
export function keepPoolWhole(created: unknown): Promise<void> {
  const connection = created as Connection; // MikroORM types it as unknown
  const send = connection.executeQuery.bind(connection);
  connection.executeQuery = async (query, options) => {
    try {
      return await send(query, options);
    } catch (error) {
      if (query.sql === 'rollback') return { rows: [] };
      throw markConnectionError(error);
    }
  };
  return Promise.resolve();
}

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
  if (error instanceof pg.DatabaseError || !(error instanceof Error)) return error;
  return new ConnectionException(error);
}

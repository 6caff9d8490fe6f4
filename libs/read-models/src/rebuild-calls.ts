import type { Subscription } from '@nats-io/nats-core';
import type { JetStreamConnection } from '#libs/jetstream';
import { isProjectionName, type ProjectionName } from './projections.ts';

const SUBJECT = 'rebuilds';

/** Wakes the projectors: an order to rebuild was given or is over. Said, not stored: the order itself is in Postgres. */
export function announceRebuild(connection: JetStreamConnection, projection: ProjectionName): void {
  if (connection.connected) connection.send(`${SUBJECT}.${projection}`, '');
}

/** Also when the connection is back, for all of them: something may have been said meanwhile. */
export function hearRebuilds(
  connection: JetStreamConnection,
  hear: (projection: ProjectionName | 'any') => void,
): Disposable {
  const subscription: Subscription = connection.client.subscribe(`${SUBJECT}.*`, {
    callback: (error, message) => {
      const name = error ? '' : message.subject.slice(SUBJECT.length + 1);
      if (isProjectionName(name)) hear(name);
    },
  });
  const unobserve = connection.observe({ back: () => hear('any') });
  return {
    [Symbol.dispose]: () => {
      unobserve();
      subscription.unsubscribe();
    },
  };
}

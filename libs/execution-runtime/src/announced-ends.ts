import type { Subscription } from '@nats-io/nats-core';
import type { JetStreamConnection } from '#libs/jetstream';

const SUBJECT = 'stop';

/** Tells all workers that the execution is over, so that its attempts stop. Said, not stored: whoever misses it works in vain. */
export function announceEnd(connection: JetStreamConnection, executionId: string): void {
  connection.send(`${SUBJECT}.${executionId}`, '');
}

/** Hears the ends that are announced. */
export function hearEnds(connection: JetStreamConnection, hear: (executionId: string) => void): Disposable {
  const subscription: Subscription = connection.client.subscribe(`${SUBJECT}.*`, {
    callback: (error, message) => {
      // With an error (a missing permission) there is no message.
      if (!error) hear(message.subject.slice(SUBJECT.length + 1));
    },
  });
  return {
    [Symbol.dispose]: () => {
      if (!subscription.isClosed()) subscription.unsubscribe();
    },
  };
}

import { Injectable } from '@nestjs/common';
import { eventTypesOf, liveSubjectOf } from '#libs/event-store-jetstream';
import { isTerminalEvent } from '#libs/execution-engine';
import { JetStreamConnection } from '#libs/jetstream';

/** Hears the end of one execution, whichever process ran it. */
export interface AwaitedEnd {
  /** True at the end, false when it did not come within the time. Always ends the subscription. */
  within(ms: number): Promise<boolean>;
  [Symbol.dispose](): void;
}

/**
 * Lets callers wait for executions: the log republishes each commit to whoever listens. Heard at most once, so whoever
 * was told "no" reads the log before saying so.
 */
@Injectable()
export class ExecutionEnd {
  constructor(private readonly connection: JetStreamConnection) {}

  /** To be called before the execution starts, so that no end can be missed. */
  listen(executionId: string): AwaitedEnd {
    const { promise, resolve } = Promise.withResolvers<true>();
    const subscription = this.connection.client.subscribe(liveSubjectOf(executionId), {
      callback: (_error, message) => {
        if (eventTypesOf(message.data, 0).some(isTerminalEvent)) resolve(true);
      },
    });
    return {
      within: (ms) => settledWithin(promise, ms).finally(() => subscription.unsubscribe()),
      [Symbol.dispose]: () => subscription.unsubscribe(),
    };
  }
}

async function settledWithin(end: Promise<true>, ms: number): Promise<boolean> {
  const { promise: time, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([end, time]);
  } finally {
    clearTimeout(timer);
  }
}

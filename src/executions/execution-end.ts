import { Inject, Injectable } from '@nestjs/common';
import { liveSubjectOf } from '#libs/event-store-jetstream';
import { isTerminalEvent } from '#libs/execution-engine';
import { JetStreamConnection } from '#libs/jetstream';
import { projectCommit, type ExecutionRecord } from '#libs/read-models';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';

/** Hears the end of one execution, whichever process ran it. */
export interface AwaitedEnd extends Disposable {
  /** The execution at its end; undefined when the end, or a part of the history before it, was not heard in time. */
  within(ms: number): Promise<ExecutionRecord | undefined>;
}

/**
 * Lets callers wait for executions: the log republishes each commit to whoever listens. What is heard is folded on the
 * way. Heard at most once, so whoever heard nothing reads the log before saying that there was nothing.
 */
@Injectable()
export class ExecutionEnd {
  constructor(
    private readonly connection: JetStreamConnection,
    @Inject(EXECUTION_LOG) private readonly log: ExecutionLog,
  ) {}

  /** To be called before the execution starts, so that no commit can be missed. */
  listen(executionId: string): AwaitedEnd {
    const end = Promise.withResolvers<ExecutionRecord | undefined>();
    let record: ExecutionRecord | undefined;
    const subscription = this.connection.client.subscribe(liveSubjectOf(executionId), {
      callback: (_error, message) => {
        const commit = this.log.codec.decodeEvents(message.data, 0);
        const follows = commit.firstVersion === (record?.version ?? 0) + 1;
        if (follows) record = projectCommit(record, commit);
        if (commit.events.some(({ type }) => isTerminalEvent(type))) end.resolve(follows ? record : undefined);
      },
    });
    return {
      within: (ms) => settledWithin(end.promise, ms),
      [Symbol.dispose]: () => subscription.unsubscribe(),
    };
  }
}

async function settledWithin<Value>(end: Promise<Value>, ms: number): Promise<Value | undefined> {
  const time = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => time.resolve(undefined), ms);
  try {
    return await Promise.race([end, time.promise]);
  } finally {
    clearTimeout(timer);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { liveSubjectOf } from '#libs/event-store-jetstream';
import { isTerminalEvent, type ExecutionEvent } from '#libs/execution-engine';
import { JetStreamConnection } from '#libs/jetstream';
import { projectCommit, type ExecutionRecord } from '#libs/read-models';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';

/** Hears the end of one execution, whichever process ran it. */
export interface AwaitedEnd extends Disposable {
  /**
   * The execution at what was waited for; undefined when that, or a part of the history before it, was not heard in time,
   * or when nobody waits any more.
   */
  within(ms: number, gone?: AbortSignal): Promise<ExecutionRecord | undefined>;
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

  /** For the end, or for the success of one of `nodes`. To be called before the execution starts, so that no commit can be missed. */
  listen(executionId: string, nodes: readonly string[] = []): AwaitedEnd {
    const isAwaited = (event: ExecutionEvent): boolean =>
      isTerminalEvent(event.type) || (event.type === 'NodeSucceeded' && nodes.includes(event.data.nodeId));
    const end = Promise.withResolvers<ExecutionRecord | undefined>();
    let record: ExecutionRecord | undefined;
    const subscription = this.connection.client.subscribe(liveSubjectOf(executionId), {
      callback: (_error, message) => {
        const commit = this.log.codec.decodeEvents(message.data, 0);
        const follows = commit.firstVersion === (record?.version ?? 0) + 1;
        if (follows) record = projectCommit(record, commit);
        if (commit.events.some(isAwaited)) end.resolve(follows ? record : undefined);
      },
    });
    return {
      within: (ms, gone) => settledWithin(end.promise, ms, gone),
      [Symbol.dispose]: () => subscription.unsubscribe(),
    };
  }
}

async function settledWithin<Value>(end: Promise<Value>, ms: number, gone?: AbortSignal): Promise<Value | undefined> {
  const time = Promise.withResolvers<undefined>();
  const stop = (): void => time.resolve(undefined);
  const timer = setTimeout(stop, ms);
  gone?.addEventListener('abort', stop, { once: true });
  if (gone?.aborted) stop();
  try {
    return await Promise.race([end, time.promise]);
  } finally {
    clearTimeout(timer);
    gone?.removeEventListener('abort', stop);
  }
}

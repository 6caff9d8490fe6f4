import { Injectable, Inject } from '@nestjs/common';
import type { Msg } from '@nats-io/nats-core';
import type { StoredCommit } from '#libs/event-sourcing';
import { liveSubjectOf } from '#libs/event-store-jetstream';
import type { ExecutionEvent } from '#libs/execution-engine';
import { JetStreamConnection } from '#libs/jetstream';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';

/** Commits that wait for a slow reader. What comes beyond is forgotten: the reader finds the gap and reads the log. */
const MAX_WAITING = 64;
/** Set by the server on what it republishes. */
const SEQUENCE = 'Nats-Sequence';

/** Commits of one execution as they are made, in order, each at most once, with gaps. */
export interface HeardCommits extends Disposable {
  /** The next one; undefined when none was made for so long, or the signal says that nobody listens any more. */
  next(quietMs: number, signal: AbortSignal): Promise<StoredCommit<ExecutionEvent> | undefined>;
}

/** Lets callers hear commits, whichever process makes them: the log republishes each one to whoever listens. */
@Injectable()
export class LiveCommits {
  constructor(
    private readonly connection: JetStreamConnection,
    @Inject(EXECUTION_LOG) private readonly log: ExecutionLog,
  ) {}

  listen(executionId: string): HeardCommits {
    const waiting: Msg[] = [];
    let wake: () => void = () => undefined;
    const subscription = this.connection.client.subscribe(liveSubjectOf(executionId), {
      callback: (_error, message) => {
        if (waiting.length < MAX_WAITING) waiting.push(message);
        wake();
      },
    });
    return {
      next: async (quietMs, signal) => {
        if (waiting.length === 0) await elapsed(quietMs, signal, (end) => (wake = end));
        const message = signal.aborted ? undefined : waiting.shift();
        return message && this.log.codec.decodeEvents(message.data, Number(message.headers?.get(SEQUENCE)));
      },
      [Symbol.dispose]: () => subscription.unsubscribe(),
    };
  }
}

/** Resolves after the time, when aborted, or when what was handed out is called. */
async function elapsed(ms: number, signal: AbortSignal, handOut: (end: () => void) => void): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  handOut(end);
  const timer = setTimeout(end, ms);
  signal.addEventListener('abort', end, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
}

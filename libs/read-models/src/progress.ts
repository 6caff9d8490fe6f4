import type { Subscription } from '@nats-io/nats-core';
import type { JetStreamConnection } from '#libs/jetstream';

const SUBJECT = 'progress';

/** Tells every process how far the read models of a stream are. Said, not stored: who misses one hears the next. */
export function announceProgress(connection: JetStreamConnection, stream: string, sequence: number): void {
  if (connection.connected) connection.send(`${SUBJECT}.${stream}`, String(sequence));
}

interface Waiting {
  readonly stream: string;
  readonly sequence: number;
  readonly end: (reached: boolean) => void;
}

/** Lets a caller wait until the read models show a write: a mutating call answers when the reads after it see it. */
export class ReadModelProgress implements Disposable {
  readonly #reached = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  readonly #subscription: Subscription;

  /** `withinMs`: how long who waits for a write waits, where it says nothing else. */
  constructor(
    connection: JetStreamConnection,
    readonly withinMs: number,
  ) {
    this.#subscription = connection.client.subscribe(`${SUBJECT}.*`, {
      callback: (_error, message) => this.#hear(message.subject.slice(SUBJECT.length + 1), Number(message.string())),
    });
  }

  /** True when the message was applied, false when it was not within `withinMs`. */
  waitFor(stream: string, sequence: number, withinMs = this.withinMs): Promise<boolean> {
    if ((this.#reached.get(stream) ?? 0) >= sequence) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve(reached);
      };
      const waiting: Waiting = { stream, sequence, end };
      const timer = setTimeout(() => end(false), withinMs);
      this.#waiting.add(waiting);
    });
  }

  [Symbol.dispose](): void {
    this.#subscription.unsubscribe();
    for (const waiting of [...this.#waiting]) waiting.end(false);
  }

  #hear(stream: string, sequence: number): void {
    this.#reached.set(stream, sequence);
    for (const waiting of [...this.#waiting]) {
      if (waiting.stream === stream && waiting.sequence <= sequence) waiting.end(true);
    }
  }
}

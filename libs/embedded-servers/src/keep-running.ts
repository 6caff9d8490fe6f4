import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedServer, ServerExit } from './embedded-server.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface KeptServerObserver {
  /** The server ended without being asked to; it is being started again on the same port. */
  crashed(exit: ServerExit): void;
  /** One try to start it again failed; the next one follows. */
  restartFailed(error: unknown): void;
  restarted(pid: number): void;
}

/**
 * Starts a server, and starts it again on the same port and files whenever it crashes or is killed, so that clients that
 * reconnect find it where it was. `exited` settles only after `stop()`; `pid` is the present one's.
 */
export async function keepRunning(
  start: (port?: number) => Promise<EmbeddedServer>,
  observer: KeptServerObserver,
): Promise<EmbeddedServer> {
  return new KeptServer(await start(), start, observer);
}

class KeptServer implements EmbeddedServer {
  readonly url: string;
  readonly exited: Promise<ServerExit>;
  readonly #stopping = new AbortController();

  constructor(
    private current: EmbeddedServer,
    private readonly start: (port: number) => Promise<EmbeddedServer>,
    private readonly observer: KeptServerObserver,
  ) {
    this.url = current.url;
    this.exited = this.#keep();
  }

  get pid(): number {
    return this.current.pid;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.current.stop();
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #keep(): Promise<ServerExit> {
    for (;;) {
      const exit = await this.current.exited;
      if (exit.expected || this.#stopping.signal.aborted) return exit;
      this.observer.crashed(exit);
      const next = await this.#startAgain();
      if (!next) return exit;
      this.current = next;
      this.observer.restarted(next.pid);
    }
  }

  /** Undefined when `stop()` was called meanwhile; then nothing is left running. */
  async #startAgain(): Promise<EmbeddedServer | undefined> {
    const { signal } = this.#stopping;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
      try {
        const next = await this.start(Number(new URL(this.url).port));
        if (!signal.aborted) return next;
        await next.stop();
        return undefined;
      } catch (error) {
        this.observer.restartFailed(error);
      }
    }
  }
}

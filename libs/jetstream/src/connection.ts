import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import type { PublishOptions } from '@nats-io/nats-core';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Pace } from './pace.ts';
import { LogUnavailableError } from '#libs/event-sourcing';

export interface ConnectionOptions {
  readonly servers: readonly string[];
  /** Shown in the server's connection list, e.g. `millrace worker`. */
  readonly name: string;
  /** Path of a .creds file. */
  readonly credentialsFile?: string;
}

/** How long the end waits for the server to have heard what was said last. */
const LAST_WORDS_MS = 1_000;

type Outgoing = readonly [subject: string, body: string | Uint8Array, options: PublishOptions | undefined];

/**
 * One connection to NATS that is for ever: it reconnects without end, and knows whether it is connected now. The client
 * buffers what is published while it reconnects, without a bound; so nobody publishes here without asking first.
 */
export class JetStreamConnection implements AsyncDisposable {
  readonly #onLost = new Set<() => void>();
  readonly #onBack = new Set<() => void>();
  #connected = true;
  readonly #pace = new Pace();
  #outgoing: Outgoing[] = [];

  private constructor(readonly client: NatsConnection) {
    void this.#follow();
  }

  static async open(options: ConnectionOptions): Promise<JetStreamConnection> {
    const authenticator = options.credentialsFile
      ? credsAuthenticator(new Uint8Array(await readFile(options.credentialsFile)))
      : undefined;
    const client = await connect({
      servers: [...options.servers],
      name: options.name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      pingInterval: 10_000,
      // Without this the client closes for ever when the server refuses the credentials twice, e.g. while they are renewed.
      ignoreAuthErrorAbort: true,
      noAsyncTraces: true,
      ...(authenticator ? { authenticator } : {}),
    });
    return new JetStreamConnection(client);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /**
   * Sends at the end of this turn of the event loop, under load up to a millisecond later, together with all else that
   * is said until then: one write to the socket instead of one a message. Dropped when the connection is lost before;
   * who needs to know waits for an answer.
   */
  send(subject: string, body: string | Uint8Array, options?: PublishOptions): void {
    if (this.#outgoing.push([subject, body, options]) > 1) return;
    if (this.#pace.isHigh) setTimeout(() => this.#flush(), 1);
    else setImmediate(() => this.#flush());
  }

  /** Throws LogUnavailableError while there is no connection. */
  ensureConnected(): void {
    if (!this.#connected)
      throw new LogUnavailableError('NATS is not connected; the call may be repeated when it is back');
  }

  /** Calls back when the connection is lost and when it is back; returns the end of that. */
  observe(observer: { lost?: () => void; back?: () => void }): () => void {
    const { lost, back } = observer;
    if (lost) this.#onLost.add(lost);
    if (back) this.#onBack.add(back);
    return () => {
      if (lost) this.#onLost.delete(lost);
      if (back) this.#onBack.delete(back);
    };
  }

  /** True when there is a connection, at the latest after `ms`. */
  async backWithin(ms: number): Promise<boolean> {
    if (this.#connected || this.client.isClosed()) return this.#connected;
    const { promise, resolve } = Promise.withResolvers<void>();
    const unobserve = this.observe({ back: resolve, lost: () => this.client.isClosed() && resolve() });
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    unobserve();
    return this.#connected;
  }

  /** Milliseconds of one ping and pong. */
  async roundTripMs(): Promise<number> {
    this.ensureConnected();
    return this.client.rtt();
  }

  /** What was said before, acknowledgements above all, still goes out. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    const gone = this.#connected ? this.client.flush().catch(() => undefined) : Promise.resolve();
    this.#connected = false;
    await Promise.race([gone, delay(LAST_WORDS_MS, undefined, { ref: false })]);
    await this.client.close();
  }

  #flush(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    this.#pace.count(outgoing.length);
    if (!this.#connected) return;
    for (const message of outgoing) this.#publish(message);
  }

  /** What the client does not take counts as lost: thrown from here, it would end the process. */
  #publish([subject, body, options]: Outgoing): void {
    try {
      this.client.publish(subject, body, options);
    } catch {
      // Who needs to know waits for an answer, and gets none.
    }
  }

  async #follow(): Promise<void> {
    for await (const status of this.client.status()) {
      if (status.type === 'disconnect') this.#turn(false, this.#onLost);
      if (status.type === 'reconnect') this.#turn(true, this.#onBack);
    }
    this.#turn(false, this.#onLost);
  }

  #turn(connected: boolean, observers: ReadonlySet<() => void>): void {
    this.#connected = connected;
    // Whoever waits for an answer to it is told that there is none: it must not go out later.
    if (!connected) this.#outgoing = [];
    for (const observer of observers) observer();
  }
}

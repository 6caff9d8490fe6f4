import type { KV } from '@nats-io/kv';
import { LogUnavailableError } from '#libs/event-sourcing';
import { jetstream } from '@nats-io/jetstream';
import { openBucket, readLastFromLeader, type Bucket, type JetStreamConnection } from '#libs/jetstream';
import { epochMsOf } from '#libs/kernel';
import { writtenRoute, type Route } from './route.ts';

/** The bucket that says which webhook URLs answer, and with what; every api process watches it. */
export class RouteBucket {
  readonly stream: string;
  /** Of the stream's subjects; a token follows. */
  readonly subjectPrefix: string;
  readonly #kv: KV;

  private constructor(
    readonly connection: JetStreamConnection,
    { kv, stream, subjectPrefix }: Bucket,
  ) {
    this.#kv = kv;
    this.stream = stream;
    this.subjectPrefix = subjectPrefix;
  }

  static async open(connection: JetStreamConnection, replicas: number): Promise<RouteBucket> {
    const bucket = { name: 'routes', description: 'Webhook token → workflow, node, version', replicas };
    return new RouteBucket(connection, await openBucket(connection, { ...bucket, entriesMayExpire: true }));
  }

  /**
   * Makes the bucket hold exactly `routes` for the tokens named, in their order; a token without a route stops answering.
   * An entry that is to stop by itself goes from the bucket when it does.
   */
  async bring(tokens: Iterable<string>, routes: ReadonlyMap<string, Route>, nowMs: number): Promise<void> {
    this.connection.ensureConnected();
    try {
      for (const token of tokens) {
        const route = routes.get(token);
        const leftMs = route?.until === undefined ? Infinity : epochMsOf(route.until) - nowMs;
        if (route && leftMs > 0) await this.#put(token, route, leftMs);
        else await this.#remove(token);
      }
    } catch (cause) {
      throw new LogUnavailableError('the routes could not be written', { cause });
    }
  }

  async #put(token: string, route: Route, leftMs: number): Promise<void> {
    const text = writtenRoute(route);
    if (leftMs === Infinity) await this.#kv.put(token, text);
    else {
      const ttl = `${Math.ceil(leftMs / 1000)}s`;
      await jetstream(this.connection.client).publish(`${this.subjectPrefix}${token}`, text, { ttl });
    }
  }

  /** What is not there leaves no mark, as marks stay: the tokens of all rotations are looked at each time. */
  async #remove(token: string): Promise<void> {
    const last = await readLastFromLeader(this.connection, this.stream, `${this.subjectPrefix}${token}`);
    if (last && last.data.length > 0) await this.#kv.delete(token);
  }
}

import type { KV } from '@nats-io/kv';
import { LogUnavailableError } from '#libs/event-sourcing';
import { openBucket, type Bucket, type JetStreamConnection } from '#libs/jetstream';
import type { Route } from './route.ts';

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
    return new RouteBucket(connection, await openBucket(connection, bucket));
  }

  /** Makes the bucket hold exactly `routes` for the tokens named; a token without a route stops answering. */
  async bring(tokens: Iterable<string>, routes: ReadonlyMap<string, Route>): Promise<void> {
    this.connection.ensureConnected();
    try {
      for (const token of tokens) {
        const route = routes.get(token);
        if (route) await this.#kv.put(token, JSON.stringify(route));
        else await this.#kv.delete(token);
      }
    } catch (cause) {
      throw new LogUnavailableError('the routes could not be written', { cause });
    }
  }
}

import { Kvm, type KV } from '@nats-io/kv';
import { StorageType } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import type { JetStreamConnection } from '#libs/jetstream';
import type { Route } from './route.ts';

const BUCKET = 'routes';

/** The bucket that says which webhook URLs answer, and with what; every api process watches it. */
export class RouteBucket {
  private constructor(
    private readonly connection: JetStreamConnection,
    readonly bucket: KV,
  ) {}

  static async open(connection: JetStreamConnection, replicas: number): Promise<RouteBucket> {
    const bucket = await new Kvm(connection.client).create(BUCKET, {
      description: 'Webhook token → workflow, node, version',
      history: 1,
      storage: StorageType.File,
      replicas,
    });
    return new RouteBucket(connection, bucket);
  }

  /** Makes the bucket hold exactly `routes` for the tokens named; a token without a route stops answering. */
  async bring(tokens: Iterable<string>, routes: ReadonlyMap<string, Route>): Promise<void> {
    this.connection.ensureConnected();
    try {
      for (const token of tokens) {
        const route = routes.get(token);
        if (route) await this.bucket.put(token, JSON.stringify(route));
        else await this.bucket.delete(token);
      }
    } catch (cause) {
      throw new LogUnavailableError('the routes could not be written', { cause });
    }
  }
}

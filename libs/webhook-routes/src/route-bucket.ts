import { Kvm, type KV } from '@nats-io/kv';
import { DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { reconcileStream, type DesiredStream, type JetStreamConnection } from '#libs/jetstream';
import type { Route } from './route.ts';

const BUCKET = 'routes';
const STREAM = `KV_${BUCKET}`;
const SUBJECT_PREFIX = `$KV.${BUCKET}.`;

/** As the client would make it; made by ourselves, so that a change of it is applied or refused at start. */
function routeStream(replicas: number): DesiredStream {
  return {
    name: STREAM,
    description: 'Webhook token → workflow, node, version',
    subjects: [`${SUBJECT_PREFIX}>`],
    max_msgs_per_subject: 1,
    storage: StorageType.File,
    num_replicas: replicas,
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_rollup_hdrs: true,
  };
}

/** The bucket that says which webhook URLs answer, and with what; every api process watches it. */
export class RouteBucket {
  readonly stream = STREAM;
  /** Of the stream's subjects; a token follows. */
  readonly subjectPrefix = SUBJECT_PREFIX;

  private constructor(
    readonly connection: JetStreamConnection,
    private readonly bucket: KV,
  ) {}

  static async open(connection: JetStreamConnection, replicas: number): Promise<RouteBucket> {
    const manager = await jetstreamManager(connection.client, { checkAPI: false });
    await reconcileStream(manager, routeStream(replicas));
    return new RouteBucket(connection, await new Kvm(connection.client).open(BUCKET));
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

import { Kvm, type KV } from '@nats-io/kv';
import { DiscardPolicy, JetStreamApiError, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { readLastFromLeader, reconcileStream, type DesiredStream, type JetStreamConnection } from '#libs/jetstream';
import { storedVariables, type Variables } from './variable.ts';

const BUCKET = 'variables';
const STREAM = `KV_${BUCKET}`;
const SUBJECT_PREFIX = `$KV.${BUCKET}.`;
/** Refusals of an append that expected another last message. */
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10071, 10164]);

/** As the client would make it; made by ourselves, so that a change of it is applied or refused at start. */
function variableStream(replicas: number): DesiredStream {
  return {
    name: STREAM,
    description: 'Workspace → its variables',
    subjects: [`${SUBJECT_PREFIX}>`],
    max_msgs_per_subject: 1,
    storage: StorageType.File,
    num_replicas: replicas,
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_rollup_hdrs: true,
  };
}

/** A workspace's variables, and the revision of the bucket at which they were so; 0 when there never were any. */
export interface ReadVariables {
  readonly variables: Variables;
  readonly revision: number;
}

/** Somebody else changed the variables of the workspace since they were read. */
export class VariablesChanged extends Error {
  override readonly name = 'VariablesChanged';
}

/** The bucket of all workspaces' variables: they must be there while Postgres is away. */
export class VariableBucket {
  readonly stream = STREAM;
  /** Of the stream's subjects; a workspace's id follows. */
  readonly subjectPrefix = SUBJECT_PREFIX;

  private constructor(
    readonly connection: JetStreamConnection,
    private readonly bucket: KV,
  ) {}

  static async open(connection: JetStreamConnection, replicas: number): Promise<VariableBucket> {
    const manager = await jetstreamManager(connection.client, { checkAPI: false });
    await reconcileStream(manager, variableStream(replicas));
    return new VariableBucket(connection, await new Kvm(connection.client).open(BUCKET));
  }

  /** As the leader has them now: a replica might be behind, and what is read here is kept. */
  async read(workspaceId: string): Promise<ReadVariables> {
    const message = await readLastFromLeader(this.connection, STREAM, SUBJECT_PREFIX + workspaceId);
    return message ? readVariables(message.data, message.sequence) : { variables: [], revision: 0 };
  }

  /** The new revision. Throws VariablesChanged when the last one is not `revision`. */
  async write(workspaceId: string, { variables, revision }: ReadVariables): Promise<number> {
    this.connection.ensureConnected();
    try {
      return await this.bucket.put(workspaceId, JSON.stringify({ variables }), { previousSeq: revision });
    } catch (cause) {
      if (cause instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.has(cause.code))
        throw new VariablesChanged('the variables were changed meanwhile', { cause });
      throw new LogUnavailableError('the variables could not be written', { cause });
    }
  }
}

export function readVariables(data: Uint8Array, revision: number): ReadVariables {
  const { variables } = storedVariables.parse(JSON.parse(new TextDecoder().decode(data)));
  return { variables, revision };
}

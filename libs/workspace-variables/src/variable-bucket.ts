import type { KV } from '@nats-io/kv';
import { LogUnavailableError } from '#libs/event-sourcing';
import {
  openBucket,
  readLastFromLeader,
  wasWrittenMeanwhile,
  type Bucket,
  type JetStreamConnection,
} from '#libs/jetstream';
import { storedVariables, type Variables } from './variable.ts';

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
  readonly stream: string;
  /** Of the stream's subjects; a workspace's id follows. */
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

  static async open(connection: JetStreamConnection, replicas: number): Promise<VariableBucket> {
    const bucket = { name: 'variables', description: 'Workspace → its variables', replicas };
    return new VariableBucket(connection, await openBucket(connection, bucket));
  }

  /** As the leader has them now: a replica might be behind, and what is read here is kept. */
  async read(workspaceId: string): Promise<ReadVariables> {
    const message = await readLastFromLeader(this.connection, this.stream, this.subjectPrefix + workspaceId);
    return message ? readVariables(message.data, message.sequence) : { variables: [], revision: 0 };
  }

  /** The new revision. Throws VariablesChanged when the last one is not `revision`. */
  async write(workspaceId: string, { variables, revision }: ReadVariables): Promise<number> {
    this.connection.ensureConnected();
    try {
      return await this.#kv.put(workspaceId, JSON.stringify({ variables }), { previousSeq: revision });
    } catch (cause) {
      if (wasWrittenMeanwhile(cause)) throw new VariablesChanged('the variables were changed meanwhile', { cause });
      throw new LogUnavailableError('the variables could not be written', { cause });
    }
  }
}

export function readVariables(data: Uint8Array, revision: number): ReadVariables {
  const { variables } = storedVariables.parse(JSON.parse(new TextDecoder().decode(data)));
  return { variables, revision };
}

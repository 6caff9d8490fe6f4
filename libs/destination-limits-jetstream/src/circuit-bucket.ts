import { initialCircuit, storedCircuit, type Circuit, type StoredCircuit } from '#libs/destination-limits';
import {
  wasWrittenMeanwhile,
  readLastFromLeader,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import { openLimits } from './limits-bucket.ts';

/** A destination of a workspace. */
export interface Destination {
  readonly workspaceId: string;
  /** What the node type calls it, e.g. `api.example.com:443`; at most LONGEST_KEY letters. */
  readonly key: string;
}

/** Of UTF-16; what is longer would make subjects that servers refuse, and paths that no router takes. */
export const LONGEST_KEY = 256;

/** A circuit as it is stored, and the revision of the bucket at which it was so; 0 when it never was. */
export interface ReadCircuit {
  readonly circuit: Circuit;
  readonly revision: number;
}

/** Somebody else changed the circuit since it was read. */
export class CircuitChanged extends Error {
  override readonly name = 'CircuitChanged';
}

/** The circuits in the bucket `limits`. */
export class CircuitBucket {
  readonly stream: string;
  /** Of the stream's subjects; a workspace's id and a coded key follow. */
  readonly subjectPrefix: string;

  private constructor(
    readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
    { stream, subjectPrefix }: Bucket,
  ) {
    this.stream = stream;
    this.subjectPrefix = `${subjectPrefix}circuits.`;
  }

  static async open(
    connection: JetStreamConnection,
    publisher: JetStreamPublisher,
    replicas: number,
  ): Promise<CircuitBucket> {
    return new CircuitBucket(connection, publisher, await openLimits(connection, replicas));
  }

  /** Keys hold what subjects must not. */
  subjectOf({ workspaceId, key }: Destination): string {
    return `${this.subjectPrefix}${workspaceId}.${Buffer.from(key).toString('base64url')}`;
  }

  /** As the leader has it now. */
  async read(destination: Destination): Promise<ReadCircuit> {
    const message = await readLastFromLeader(this.connection, this.stream, this.subjectOf(destination));
    if (!message) return { circuit: initialCircuit(), revision: 0 };
    return { circuit: parseCircuit(message.data).circuit, revision: message.sequence };
  }

  /** The new revision. Throws CircuitChanged when the last one is not `revision`. */
  async write(
    { workspaceId, key }: Destination,
    { circuit, revision }: ReadCircuit,
    keptForSeconds: number,
  ): Promise<number> {
    const stored: StoredCircuit = { workspaceId, key, circuit };
    try {
      return await this.publisher.publish(this.subjectOf(stored), JSON.stringify(stored), {
        expectedLastSubjectSequence: revision,
        headers: { 'Nats-TTL': `${keptForSeconds}s` },
      });
    } catch (cause) {
      if (wasWrittenMeanwhile(cause)) throw new CircuitChanged('the circuit was changed meanwhile', { cause });
      throw cause;
    }
  }
}

export function parseCircuit(data: Uint8Array): StoredCircuit {
  return storedCircuit.parse(JSON.parse(new TextDecoder().decode(data)));
}

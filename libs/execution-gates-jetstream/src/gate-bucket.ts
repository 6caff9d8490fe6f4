import {
  openBucket,
  placeOfBucket,
  readLastFromLeader,
  wasWrittenMeanwhile,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import type { GateValues } from './ports.ts';

const NAME = 'gates';

/** As the leader has it now; undefined, with the revision 0, when there is none. */
export async function readGateValue(
  connection: JetStreamConnection,
  token: string,
): Promise<{ readonly value: unknown; readonly revision: number }> {
  const { stream, subjectPrefix } = placeOfBucket(NAME);
  const message = await readLastFromLeader(connection, stream, subjectPrefix + token);
  if (!message) return { value: undefined, revision: 0 };
  return { value: JSON.parse(new TextDecoder().decode(message.data)) as unknown, revision: message.sequence };
}

/** The bucket `gates`: one entry for each gate and key. What expires leaves nothing behind, so its revision is 0 again. */
export class GateBucket implements GateValues {
  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
    private readonly bucket: Bucket,
  ) {}

  static async open(
    connection: JetStreamConnection,
    publisher: JetStreamPublisher,
    replicas: number,
  ): Promise<GateBucket> {
    const description = 'Who passed the gates before executions, by key';
    const bucket = await openBucket(connection, { name: NAME, description, replicas, entriesMayExpire: true });
    return new GateBucket(connection, publisher, bucket);
  }

  read(token: string): Promise<{ readonly value: unknown; readonly revision: number }> {
    return readGateValue(this.connection, token);
  }

  async tryWrite(
    token: string,
    value: object,
    { revision, expiresAfterMs }: { readonly revision: number; readonly expiresAfterMs?: number },
  ): Promise<boolean> {
    try {
      await this.publisher.publish(this.bucket.subjectPrefix + token, JSON.stringify(value), {
        expectedLastSubjectSequence: revision,
        ...(expiresAfterMs === undefined ? {} : { headers: { 'Nats-TTL': `${Math.ceil(expiresAfterMs / 1_000)}s` } }),
      });
      return true;
    } catch (error) {
      if (wasWrittenMeanwhile(error)) return false;
      throw error;
    }
  }
}

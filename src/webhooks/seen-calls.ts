import { createHash } from 'node:crypto';
import { LogUnavailableError } from '#libs/event-sourcing';
import {
  openBucket,
  readLastFromLeader,
  wasWrittenMeanwhile,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';

/** A key may go between two looks at it, when its window ends; more often than this in a row it does not. */
const MAX_TRIES = 3;

/** Which execution a call started, by what tells the call from others, while its window lasts; shared by all processes. */
export class SeenCalls {
  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
    private readonly bucket: Bucket,
  ) {}

  static async open(
    connection: JetStreamConnection,
    publisher: JetStreamPublisher,
    replicas: number,
  ): Promise<SeenCalls> {
    const options = { name: 'seen-calls', description: 'Webhook call → execution', replicas, entriesMayExpire: true };
    return new SeenCalls(connection, publisher, await openBucket(connection, options));
  }

  /**
   * The execution that has the key: `executionId`, when nobody had it before. Who claims a key and dies before the log has
   * its execution leaves the id to whoever comes next, who goes on with it. Rejects with LogUnavailableError.
   */
  async claim(
    { webhookId, key }: { readonly webhookId: string; readonly key: string },
    executionId: string,
    windowMs: number,
  ): Promise<string> {
    const name = createHash('sha256').update(`${webhookId}\n${key}`).digest('hex');
    const subject = `${this.bucket.subjectPrefix}${name}`;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (await this.#tryPut(subject, executionId, windowMs)) return executionId;
      const holder = await readLastFromLeader(this.connection, this.bucket.stream, subject);
      if (holder) return new TextDecoder().decode(holder.data);
    }
    throw new LogUnavailableError('it could not be found out whether this call came before');
  }

  async #tryPut(subject: string, executionId: string, windowMs: number): Promise<boolean> {
    try {
      await this.publisher.publish(subject, executionId, {
        expectedLastSubjectSequence: 0,
        headers: { 'Nats-TTL': `${Math.ceil(windowMs / 1000)}s` },
      });
      return true;
    } catch (error) {
      if (wasWrittenMeanwhile(error)) return false;
      throw new LogUnavailableError('it could not be recorded that this call came', { cause: error });
    }
  }
}

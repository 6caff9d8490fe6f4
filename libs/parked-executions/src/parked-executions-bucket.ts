import {
  openBucket,
  subjectsOf,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';

/** Which executions wait for a credential, in a bucket that all processes share. */
export class ParkedExecutionsBucket {
  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
    private readonly bucket: Bucket,
  ) {}

  static async open(
    connection: JetStreamConnection,
    publisher: JetStreamPublisher,
    replicas: number,
  ): Promise<ParkedExecutionsBucket> {
    const options = { name: 'parked', description: 'Executions that wait for a credential', replicas };
    return new ParkedExecutionsBucket(
      connection,
      publisher,
      await openBucket(connection, { ...options, entriesMayExpire: true }),
    );
  }

  /** For so long: an entry goes by itself, and nobody has to take it out. */
  async remember(credentialId: string, executionId: string, keptForMs: number): Promise<void> {
    await this.publisher.publish(`${this.bucket.subjectPrefix}${credentialId}.${executionId}`, '', {
      headers: { 'Nats-TTL': `${Math.max(1, Math.ceil(keptForMs / 1_000))}s` },
    });
  }

  /** All that were remembered and not forgotten yet; some of them may have gone on already. */
  async *waitingFor(credentialId: string): AsyncIterable<string> {
    const { stream, subjectPrefix } = this.bucket;
    const prefix = `${subjectPrefix}${credentialId}.`;
    for await (const subjects of subjectsOf(this.connection, stream, `${prefix}*`))
      for (const subject of subjects) yield subject.slice(prefix.length);
  }
}

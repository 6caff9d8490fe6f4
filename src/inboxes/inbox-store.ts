import { LogUnavailableError } from '#libs/event-sourcing';
import type { CheckpointStore } from '#libs/imap-inbox';
import {
  openBucket,
  readLastFromLeader,
  wasWrittenMeanwhile,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import { inboxState, parseCheckpoint, type StoredInboxState } from './inbox-state.ts';

/** How far each mailbox was read, and how it is doing; by the id of its trigger. */
export class InboxStore {
  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: Pick<JetStreamPublisher, 'publish'>,
    private readonly bucket: Bucket,
  ) {}

  static async open(
    connection: JetStreamConnection,
    publisher: Pick<JetStreamPublisher, 'publish'>,
    replicas: number,
  ): Promise<InboxStore> {
    const bucket = await openBucket(connection, {
      name: 'inboxes',
      description: 'Mailboxes that are watched',
      replicas,
    });
    return new InboxStore(connection, publisher, bucket);
  }

  /**
   * Where one watch goes on. Another process that saves for the same trigger meanwhile ends it: its next `save` rejects, as
   * the other one is the leader.
   */
  checkpointsOf(triggerId: string): CheckpointStore {
    const subject = `${this.bucket.subjectPrefix}${triggerId}.checkpoint`;
    let revision = 0;
    return {
      load: async () => {
        const message = await readLastFromLeader(this.connection, this.bucket.stream, subject);
        revision = message?.sequence ?? 0;
        return message && parseCheckpoint(message.data);
      },
      save: async (next) => {
        try {
          const expected = { expectedLastSubjectSequence: revision };
          revision = await this.publisher.publish(subject, JSON.stringify(next), expected);
        } catch (cause) {
          if (!wasWrittenMeanwhile(cause)) throw cause;
          throw new LogUnavailableError('another process watches this mailbox', { cause });
        }
      },
    };
  }

  async tell(triggerId: string, state: StoredInboxState): Promise<void> {
    await this.publisher.publish(this.#stateSubject(triggerId), JSON.stringify(state));
  }

  async stateOf(triggerId: string): Promise<StoredInboxState | undefined> {
    const message = await readLastFromLeader(this.connection, this.bucket.stream, this.#stateSubject(triggerId));
    return message && inboxState.parse(JSON.parse(new TextDecoder().decode(message.data)));
  }

  #stateSubject(triggerId: string): string {
    return `${this.bucket.subjectPrefix}${triggerId}.state`;
  }
}

import type { CheckpointStore } from '#libs/imap-inbox';
import {
  openBucket,
  readLastFromLeader,
  type Bucket,
  type JetStreamConnection,
  type JetStreamPublisher,
  type StoredMessage,
} from '#libs/jetstream';
import { MillraceError } from '#libs/kernel';
import { inboxState, parseCheckpoint, serialiseCheckpoint, type StoredInboxState } from './inbox-state.ts';

/** Another watch of the same trigger has saved meanwhile. */
export class CheckpointTakenError extends MillraceError {
  constructor(cause: unknown) {
    super('unavailable', 'CHECKPOINT_TAKEN', 'somebody else watches this mailbox, or did meanwhile', { cause });
  }
}

interface Attempt {
  readonly subject: string;
  readonly body: string;
  /** That was expected. */
  readonly revision: number;
}

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
   * Where one watch of a mailbox goes on. What is stored of another mailbox is not used. Once somebody else has saved for the
   * same trigger, each `save` rejects with CheckpointTakenError: the watch is to end, and a new one to load again.
   */
  checkpointsOf(triggerId: string, mailboxId: string): CheckpointStore {
    const subject = `${this.bucket.subjectPrefix}${triggerId}.checkpoint`;
    let revision = 0;
    return {
      load: async () => {
        const message = await this.#last(subject);
        revision = message?.sequence ?? 0;
        return message && parseCheckpoint(message.data, mailboxId);
      },
      save: async (next) => {
        const body = serialiseCheckpoint(next, mailboxId);
        try {
          revision = await this.publisher.publish(subject, body, { expectedLastSubjectSequence: revision });
        } catch (cause) {
          revision = await this.#revisionAfter(cause, { subject, body, revision });
        }
      },
    };
  }

  async tell(triggerId: string, state: StoredInboxState): Promise<void> {
    await this.publisher.publish(this.#stateSubject(triggerId), JSON.stringify(state));
  }

  async stateOf(triggerId: string): Promise<StoredInboxState | undefined> {
    const message = await this.#last(this.#stateSubject(triggerId));
    return message && inboxState.parse(JSON.parse(new TextDecoder().decode(message.data)));
  }

  /** What was not acknowledged may have been stored all the same: the log is asked. */
  async #revisionAfter(cause: unknown, { subject, body, revision }: Attempt): Promise<number> {
    const last = await this.#last(subject);
    if (last && new TextDecoder().decode(last.data) === body) return last.sequence;
    if ((last?.sequence ?? 0) !== revision) throw new CheckpointTakenError(cause);
    throw cause;
  }

  #last(subject: string): Promise<StoredMessage | undefined> {
    return readLastFromLeader(this.connection, this.bucket.stream, subject);
  }

  #stateSubject(triggerId: string): string {
    return `${this.bucket.subjectPrefix}${triggerId}.state`;
  }
}

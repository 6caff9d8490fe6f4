import { readLastFromLeader, type JetStreamConnection, type JetStreamPublisher } from '#libs/jetstream';
import { MAIL_STREAM, mailSubject, subjectOfKey } from './layout.ts';
import { decodeMailEntry, encodeMailEntry, type MailEntry, type MailRecipient } from './mail-entry.ts';

/** What became of each mail, by recipient, oldest first. Rejects with LogUnavailableError. */
export class MailLedger {
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: Pick<JetStreamPublisher, 'publish'>,
  ) {}

  /** Resolves when it is stored. */
  async append(entry: MailEntry): Promise<void> {
    await this.publisher.publish(mailSubject(entry), encodeMailEntry(entry));
  }

  /** The last that was told of it, with whatever was stored before it was asked for. */
  lastOf(mail: Pick<MailRecipient, 'workspaceId' | 'mailKey'>): Promise<MailEntry | undefined> {
    return this.#last(mailSubject(mail));
  }

  /** The same, for who knows the key alone. Whoever asks must know that the key is one of ours. */
  find(mailKey: string): Promise<MailEntry | undefined> {
    return this.#last(subjectOfKey(mailKey));
  }

  async #last(subject: string): Promise<MailEntry | undefined> {
    const message = await readLastFromLeader(this.connection, MAIL_STREAM, subject);
    return message && decodeMailEntry(message.data, message.sequence);
  }
}

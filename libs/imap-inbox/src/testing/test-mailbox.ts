/** A message as a server keeps it. */
export interface StoredMessage {
  readonly uid: number;
  readonly raw: Buffer;
  readonly flags: Set<string>;
  readonly internalDate: Date;
  /** What RFC822.SIZE says. */
  readonly size: number;
}

export interface AppendOptions {
  readonly flags?: readonly string[];
  readonly internalDate?: Date;
  /** Another size than the message has. */
  readonly size?: number;
}

/** A mailbox, whose watchers hear of each change. */
export class TestMailbox {
  uidValidity = 1;
  uidNext = 1;
  messages: StoredMessage[] = [];
  readonly #watchers = new Set<() => void>();

  append(content: string | Buffer, { flags = [], internalDate = new Date(), size }: AppendOptions = {}): number {
    const raw = Buffer.from(content);
    const uid = this.uidNext++;
    this.messages.push({ uid, raw, flags: new Set(flags), internalDate, size: size ?? raw.length });
    this.changed();
    return uid;
  }

  remove(uid: number): StoredMessage | undefined {
    const index = this.messages.findIndex((message) => message.uid === uid);
    const [removed] = index < 0 ? [] : this.messages.splice(index, 1);
    this.changed();
    return removed;
  }

  /** Numbers all messages anew, from 1; who has it open is not told. */
  renumber(uidValidity: number): void {
    this.uidValidity = uidValidity;
    this.messages = this.messages.map((message, index) => ({ ...message, uid: index + 1 }));
    this.uidNext = this.messages.length + 1;
  }

  get uids(): number[] {
    return this.messages.map(({ uid }) => uid);
  }

  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  }

  changed(): void {
    for (const onChange of this.#watchers) onChange();
  }
}

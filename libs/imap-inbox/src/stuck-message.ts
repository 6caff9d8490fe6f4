import { InboxTrouble, type InboxTroubleCode } from './trouble.ts';

/** So often a message is tried, over some minutes with the usual pauses. */
const TRIES = 10;
/** What a server says of one message, while it is there. */
const OF_SERVER: ReadonlySet<InboxTroubleCode> = new Set(['IMAP_PROTOCOL', 'IMAP_REFUSED']);

/** Counts how often one message was not delivered for reasons that do not go away by themselves. */
export class StuckMessage {
  readonly #isTemporary: (error: unknown) => boolean;
  #uid = 0;
  #failures = 0;

  constructor(isTemporary: (error: unknown) => boolean) {
    this.#isTemporary = isTemporary;
  }

  /** Why it is to be set aside; undefined while it is to be tried again. */
  failed(uid: number, error: unknown): InboxTrouble | undefined {
    if (!(error instanceof InboxTrouble) || !this.#isLasting(error)) return undefined;
    this.#failures = this.#uid === uid ? this.#failures + 1 : 1;
    this.#uid = uid;
    return this.#failures >= TRIES ? error : undefined;
  }

  #isLasting({ code, cause }: InboxTrouble): boolean {
    return code === 'DELIVERY_FAILED' ? !this.#isTemporary(cause) : OF_SERVER.has(code);
  }
}

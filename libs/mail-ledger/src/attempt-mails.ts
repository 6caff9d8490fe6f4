import { LogUnavailableError } from '#libs/event-sourcing';
import { elapsed } from '#libs/jetstream';
import { toInstant, type Clock } from '#libs/kernel';
import type { AbortSignalLike } from '#libs/node-kit';
import type { KnownMail, MailRecords, MailResult, RecordedMail } from '#libs/nodes';
import type { SuppressionList } from '#libs/suppressions';
import type { MailEntry, MailEntryKind } from './mail-entry.ts';
import { mailKeyOf } from './mail-key.ts';
import type { MailLedger } from './mail-ledger.ts';
import type { MailLinks } from './mail-links.ts';

export interface AttemptMailsParts {
  readonly ledger: MailLedger;
  readonly suppressions: Pick<SuppressionList, 'among'>;
  readonly links: MailLinks;
  readonly clock: Clock;
}

/** Between two tries to store something. */
const TRY_AGAIN_MS = 250;
/** What is known may be stored so long after the attempt's time; it must have said so within a second. */
const LAST_TRY_MS = 500;

/** What `email.send` writes down and asks, on the ledger and the list of suppressions. */
export class AttemptMails implements MailRecords {
  constructor(private readonly parts: AttemptMailsParts) {}

  async look(mail: RecordedMail): Promise<KnownMail> {
    const { workspaceId, address, topic } = mail;
    const [last, suppressed] = await Promise.all([
      this.parts.ledger.lastOf({ workspaceId, mailKey: keyOf(mail) }),
      this.parts.suppressions.among(workspaceId, [address], topic),
    ]);
    const known = last && knownFrom(last, mail.attempt);
    const suppression = suppressed.get(address);
    if (known ?? !suppression) return known ?? { kind: 'unsent' };
    const { id: suppressionId, reason, expiresAt } = suppression;
    return { kind: 'suppressed', suppressionId, reason, expiresAt };
  }

  async begin(mail: RecordedMail, signal: AbortSignalLike): Promise<void> {
    const nothing = { reason: null, replyCode: null, status: null, text: null };
    const isStored = await this.#store(this.#entryOf(mail, { kind: 'sending', ...nothing }), signal, 0);
    if (!isStored) throw new LogUnavailableError('that a mail is about to be sent could not be written down');
  }

  async end(mail: RecordedMail, result: MailResult, signal: AbortSignalLike): Promise<void> {
    await this.#store(this.#entryOf(mail, result), signal, LAST_TRY_MS);
  }

  returnPathOf(mail: RecordedMail): string | undefined {
    return this.parts.links.returnPathOf(keyOf(mail));
  }

  unsubscribeUrlOf(mail: RecordedMail): string {
    return this.parts.links.unsubscribeUrlOf(keyOf(mail));
  }

  /** Whether it is; false so long after the signal at the latest. */
  async #store(entry: MailEntry, signal: AbortSignalLike, graceMs: number): Promise<boolean> {
    using over = overAfter(signal, graceMs);
    for (;;) {
      const tried = await Promise.race([this.#tryAppend(entry), over.promise]);
      if (tried !== 'failed') return tried === 'stored';
      if (over.signal.aborted) return false;
      await elapsed(TRY_AGAIN_MS, over.signal);
    }
  }

  async #tryAppend(entry: MailEntry): Promise<'stored' | 'failed'> {
    try {
      await this.parts.ledger.append(entry);
      return 'stored';
    } catch (error) {
      if (error instanceof LogUnavailableError) return 'failed';
      throw error;
    }
  }

  #entryOf(
    mail: RecordedMail,
    result: Pick<MailEntry, 'kind' | 'reason' | 'replyCode' | 'status' | 'text'>,
  ): MailEntry {
    const { workspaceId, executionId, nodeId, attempt, credentialId, address, topic } = mail;
    const who = { mailKey: keyOf(mail), workspaceId, executionId, nodeId, credentialId, address, topic };
    return { ...who, attempt, ...result, at: toInstant(this.parts.clock.nowMs()) };
  }
}

function keyOf({ idempotencyKey, address }: RecordedMail): string {
  return mailKeyOf(idempotencyKey, address);
}

/** Undefined when it is to be sent, for all that the ledger knows. What came back later had been sent. */
function knownFrom({ kind, attempt: of }: MailEntry, attempt: number): KnownMail | undefined {
  const known = MEANS[kind];
  // That nobody knows was told, and a person has said since that it is to be sent.
  const isDecided = kind === 'unknown' && of !== attempt;
  return known === 'unsent' || isDecided ? undefined : { kind: known };
}

const MEANS: Readonly<Record<MailEntryKind, 'unsent' | 'sent' | 'interrupted'>> = {
  sending: 'interrupted',
  unknown: 'interrupted',
  sent: 'sent',
  bounced: 'sent',
  complained: 'sent',
  unsubscribed: 'sent',
  deferred: 'unsent',
  refused: 'unsent',
  unsent: 'unsent',
  suppressed: 'unsent',
};

/** Ends so long after the signal: `promise` resolves then, and never before. */
function overAfter(like: AbortSignalLike, graceMs: number) {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<'over'>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer ??= setTimeout(() => {
      controller.abort();
      resolve('over');
    }, graceMs);
  };
  if (like.aborted) onAbort();
  else like.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    promise,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      like.removeEventListener('abort', onAbort);
    },
  };
}

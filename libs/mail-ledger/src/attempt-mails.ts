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

/** Between two tries to store what is known already. */
const TRY_AGAIN_MS = 250;

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

  begin(mail: RecordedMail): Promise<void> {
    const nothing = { reason: null, replyCode: null, status: null, text: null };
    return this.parts.ledger.append(this.#entryOf(mail, { kind: 'sending', ...nothing }));
  }

  async end(mail: RecordedMail, result: MailResult, signal: AbortSignalLike): Promise<void> {
    const entry = this.#entryOf(mail, result);
    using given = abortOn(signal);
    while (!(await this.#tryAppend(entry)) && !given.signal.aborted) await elapsed(TRY_AGAIN_MS, given.signal);
  }

  returnPathOf(mail: RecordedMail): string | undefined {
    return this.parts.links.returnPathOf(keyOf(mail));
  }

  unsubscribeUrlOf(mail: RecordedMail): string {
    return this.parts.links.unsubscribeUrlOf(keyOf(mail));
  }

  async #tryAppend(entry: MailEntry): Promise<boolean> {
    try {
      await this.parts.ledger.append(entry);
      return true;
    } catch (error) {
      if (error instanceof LogUnavailableError) return false;
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
  // What follows from an earlier attempt, the engine has decided, or a person.
  return known === 'unsent' || (known === 'interrupted' && of !== attempt) ? undefined : { kind: known };
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

function abortOn(like: AbortSignalLike): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (like.aborted) abort();
  else like.addEventListener('abort', abort, { once: true });
  return { signal: controller.signal, [Symbol.dispose]: () => like.removeEventListener('abort', abort) };
}

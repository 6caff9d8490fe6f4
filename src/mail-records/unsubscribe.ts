import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, toInstant, type Clock } from '#libs/kernel';
import { MailLedger, MailLinks, type MailEntry } from '#libs/mail-ledger';
import { SuppressionList } from '#libs/suppressions';
import { CLOCK } from '../platform/tokens.ts';

/** One mail, as its link to unsubscribe names it. */
export interface UnsubscribeLink {
  readonly mailKey: string;
  readonly signature: string;
}
/** What somebody unsubscribes from. */
export interface Subscription {
  readonly address: string;
  readonly topic: string | null;
}

/** Takes the reader of a mail at their word: no more mail about its topic. */
@Injectable()
export class Unsubscribe {
  constructor(
    private readonly links: MailLinks,
    private readonly ledger: MailLedger,
    private readonly suppressions: SuppressionList,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Of what the link is, without doing anything. */
  async find(link: UnsubscribeLink): Promise<Subscription> {
    return this.#mailOf(link);
  }

  /** As often as somebody asks, with the same end. */
  async unsubscribe(link: UnsubscribeLink): Promise<Subscription> {
    const mail = await this.#mailOf(link);
    const { workspaceId, address, topic, executionId } = mail;
    const at = toInstant(this.clock.nowMs());
    const entry = { workspaceId, address, topic, executionId, at, detail: null, expiresAt: null };
    await this.suppressions.add({ ...entry, reason: 'unsubscribed' });
    if (mail.kind !== 'unsubscribed')
      await this.ledger.append({ ...mail, ...NOTHING_SAID, kind: 'unsubscribed', at, attempt: 0 });
    return mail;
  }

  async #mailOf({ mailKey, signature }: UnsubscribeLink): Promise<MailEntry> {
    const mail = this.links.isUnsubscribeLink(mailKey, signature) ? await this.ledger.find(mailKey) : undefined;
    if (mail) return mail;
    const message = 'this is no link of ours to unsubscribe, or the mail was sent too long ago; use it as it was given';
    throw new MillraceError('notFound', 'UNSUBSCRIBE_LINK_NOT_FOUND', message);
  }
}

const NOTHING_SAID = { reason: null, replyCode: null, status: null, text: null } as const;

import { resolve } from 'node:dns/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock, ExecutionId } from '#libs/kernel';
import { authenticateMail, cachedDns, type DnsResolver, type MailReader } from '#libs/mail-reading';
import type { DeliveryAnswer, ReceivedMail, Refusal } from '#libs/smtp-door';
import type { MailRoute } from '#libs/webhook-routes';
import { CLOCK } from '../platform/tokens.ts';
import { AddressBook } from './address-book.ts';
import { CHANGED_MEANWHILE, tooLarge, whyNotProven } from './mail-recipients.ts';
import { mailExecutionIdOf, StartMail } from './start-mail.ts';
import { MAIL_READER } from './tokens.ts';

interface Addressed {
  /** Of the execution that the message starts, or has started. */
  readonly id: ExecutionId;
  readonly route: MailRoute;
  readonly to: string[];
}

/** Starts an execution at each mail trigger that a message is for. */
@Injectable()
export class TakeTriggerMail {
  readonly #dns: DnsResolver;

  constructor(
    private readonly addresses: AddressBook,
    private readonly startMail: StartMail,
    @Inject(MAIL_READER) private readonly reader: MailReader,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#dns = cachedDns(resolve, { clock });
  }

  async take(mail: ReceivedMail): Promise<DeliveryAnswer> {
    const addressed = this.#addressedBy(mail);
    // When it comes again, the address that stopped meanwhile is refused, and it alone.
    if (!addressed) return { kind: 'refused', refusal: CHANGED_MEANWHILE };
    const refusal = sizeRefusal(mail, addressed);
    return refusal ? { kind: 'refused', refusal } : this.#start(mail, addressed);
  }

  async #start(mail: ReceivedMail, addressed: readonly Addressed[]): Promise<DeliveryAnswer> {
    const { raw, ip, helo, envelopeFrom, receivedAt } = mail;
    const [authentication, read, isStarted] = await Promise.all([
      authenticateMail(raw, { ip, helo, envelopeFrom }, { resolver: this.#dns }),
      this.reader.read(raw),
      Promise.all(addressed.map(({ id }) => this.startMail.isStarted(id))),
    ]);
    const left = addressed.filter((_, place) => !isStarted[place]);
    const isAsked = left.some(({ route }) => route.mail.require === 'dmarc');
    const refusal = isAsked ? whyNotProven(authentication) : undefined;
    if (refusal) return { kind: 'refused', refusal };
    for (const { id, route, to } of left) {
      const arrival = { envelope: { from: envelopeFrom, to }, authentication, receivedAt };
      await this.startMail.start(id, route, read, arrival);
    }
    return { kind: 'taken' };
  }

  /** By trigger; undefined when a recipient has none any more. */
  #addressedBy({ recipients, raw }: ReceivedMail): readonly Addressed[] | undefined {
    const byTrigger = new Map<string, Addressed>();
    for (const address of recipients) {
      const addressee = this.addresses.find(address);
      if (addressee.kind !== 'trigger') return undefined;
      const { route } = addressee;
      const known = byTrigger.get(route.webhookId);
      if (known) known.to.push(address);
      else byTrigger.set(route.webhookId, { id: mailExecutionIdOf(route, raw), route, to: [address] });
    }
    return [...byTrigger.values()];
  }
}

function sizeRefusal({ raw }: ReceivedMail, addressed: readonly Addressed[]): Refusal | undefined {
  const most = Math.min(...addressed.map(({ route }) => route.mail.maxBytes));
  return raw.byteLength > most ? tooLarge(most) : undefined;
}

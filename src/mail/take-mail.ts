import { Injectable } from '@nestjs/common';
import { JetStreamConnection, JetStreamPublisher, MAX_UNACKNOWLEDGED } from '#libs/jetstream';
import type { DeliveryAnswer, MailDoor, ReceivedMail, Refusal, TransactionSoFar } from '#libs/smtp-door';
import { AddressBook, type Addressee } from './address-book.ts';
import { APART, BUSY, isOnSameTerms, NOBODY, OTHER_DOMAIN, UNSURE, whyNotTaken } from './mail-recipients.ts';
import { TakeReturnedMail } from './take-returned-mail.ts';
import { TakeTriggerMail } from './take-trigger-mail.ts';

/** New work is refused before the publisher is full, so that work already accepted can still go on. */
const DOOR_CLOSES_AT = MAX_UNACKNOWLEDGED / 2;

/** Who takes a message. It is taken when `deliver` resolves so: the log has acknowledged what follows from it. */
@Injectable()
export class TakeMail implements MailDoor {
  constructor(
    private readonly addresses: AddressBook,
    private readonly triggerMail: TakeTriggerMail,
    private readonly returnedMail: TakeReturnedMail,
    private readonly publisher: JetStreamPublisher,
    private readonly connection: JetStreamConnection,
  ) {}

  async recipient(address: string, transaction: TransactionSoFar): Promise<'ok' | Refusal> {
    const addressee = this.addresses.find(address);
    if (addressee.kind === 'otherDomain') return OTHER_DOMAIN;
    // Who is new here is told of by NATS.
    if (addressee.kind === 'nobody') return this.connection.connected ? NOBODY : UNSURE;
    const [first] = transaction.recipients;
    if (first !== undefined && !areAlike(addressee, this.addresses.find(first))) return APART;
    return (addressee.kind === 'trigger' && whyNotTaken(addressee.route, transaction)) || 'ok';
  }

  async deliver(mail: ReceivedMail): Promise<DeliveryAnswer> {
    if (this.publisher.unacknowledged >= DOOR_CLOSES_AT) return { kind: 'refused', refusal: BUSY };
    const [first = ''] = mail.recipients;
    const addressee = this.addresses.find(first);
    if (addressee.kind !== 'returnPath') return this.triggerMail.take(mail);
    await this.returnedMail.take(addressee.mailKey, mail);
    return { kind: 'taken' };
  }
}

/** Whether one answer is right for both: a message that came back is about one mail alone. */
function areAlike(one: Addressee, other: Addressee): boolean {
  return one.kind === 'trigger' && other.kind === 'trigger' && isOnSameTerms(one.route, other.route);
}

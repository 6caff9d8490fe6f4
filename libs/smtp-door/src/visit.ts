import { toInstant, type Clock } from '#libs/kernel';
import type { SMTPServerDataStream } from 'smtp-server';
import { IncomingMessage, type Arrival } from './incoming-message.ts';
import type { SmtpDoorLimits } from './limits.ts';
import type { MessageRate } from './message-rate.ts';
import { countReceivedHeaders } from './received-headers.ts';
import { REFUSALS } from './refusals.ts';
import { Room } from './room.ts';
import type { Share } from './share.ts';
import type { DeliveryAnswer, MailDoor, ReceivedMail, Refusal, SmtpDoorEvent, TransactionSoFar } from './types.ts';

export interface VisitParts {
  readonly door: MailDoor;
  readonly limits: SmtpDoorLimits;
  readonly clock: Clock;
  readonly bytesUnderWay: Share;
  readonly rate: MessageRate;
  readonly tell: (event: SmtpDoorEvent) => void;
}

export interface Client {
  readonly ip: string;
  /** What limits are counted by. */
  readonly key: string;
}

/** How the connection is ended. */
export interface Hangup {
  /** Says this and waits for the client to close, a moment at most. */
  say(refusal: Refusal): void;
  cut(): void;
}

/** The transaction that a message belongs to. */
export interface Transaction extends TransactionSoFar {
  readonly tls: boolean;
}

const NOT_ASCII = /[^\x20-\x7e]/;

/** One client's connection: what it may do, counted, and what becomes of its messages. */
export class Visit {
  readonly client: Client;
  readonly #parts: VisitParts;
  #hangup: Hangup | undefined;
  #room: Room | undefined;
  #refusedRecipients = 0;
  #messages = 0;
  #isLeaving = false;

  constructor(parts: VisitParts, client: Client) {
    this.#parts = parts;
    this.client = client;
  }

  /** Called once, before anything is said. */
  enter(hangup: Hangup): void {
    this.#hangup = hangup;
  }

  /** To MAIL. Room is not taken yet: who only announces a message must not keep others out. */
  refusalOfMail(announcedBytes: number | undefined): Refusal | undefined {
    const { bytesUnderWay, limits, rate } = this.#parts;
    if (this.#messages >= limits.messagesPerConnection) return REFUSALS.tooManyMessages;
    if (!rate.take(this.client.key)) return REFUSALS.tooFast;
    return bytesUnderWay.hasRoom(this.client.key, announcedBytes ?? 0) ? undefined : REFUSALS.noRoom;
  }

  /** To RCPT. Never rejects. */
  async refusalOfRecipient(address: string, transaction: TransactionSoFar): Promise<Refusal | undefined> {
    if (this.#refusedRecipients >= this.#parts.limits.refusedRecipients) return REFUSALS.tooManyRefused;
    const answer = await this.#askFor(address, transaction);
    if (answer === 'ok') return undefined;
    if (answer.replyCode >= 500) this.#refusedRecipients++;
    return answer;
  }

  /** To DATA; without a refusal the message is received next. */
  refusalOfMessage(announcedBytes: number | undefined): Refusal | undefined {
    this.#room = Room.tryTake(this.#parts.bytesUnderWay, this.client.key, announcedBytes ?? 0);
    return this.#room ? undefined : REFUSALS.noRoom;
  }

  /** What the client hears of its message; undefined when it is not there any more. Never rejects. */
  async receive(stream: SMTPServerDataStream, transaction: Transaction): Promise<DeliveryAnswer | undefined> {
    const room = this.#room;
    if (!room) return { kind: 'refused', refusal: REFUSALS.noRoom };
    this.#messages++;
    const message = new IncomingMessage(stream, {
      room,
      announcedBytes: transaction.announcedBytes ?? 0,
      limits: this.#parts.limits,
      onTooSlow: () => this.#hangup?.say(REFUSALS.tooSlow),
    });
    try {
      return await this.#answerTo(await message.arrived, transaction);
    } finally {
      room.giveBack();
    }
  }

  /** The answer was given: whether the connection goes on. */
  answered(): void {
    this.#room = undefined;
    if (this.#isLeaving) this.#hangup?.say(REFUSALS.closing);
  }

  /** Ends it now, or after the message that it is in the middle of. */
  leave(): void {
    this.#isLeaving = true;
    if (!this.#room) this.#hangup?.say(REFUSALS.closing);
  }

  /** Ends it now. What is being delivered is the caller's. */
  cut(): void {
    this.#hangup?.say(REFUSALS.closing);
    this.#hangup?.cut();
  }

  async #askFor(address: string, transaction: TransactionSoFar): Promise<'ok' | Refusal> {
    // Ours are ASCII. Others must not become one of ours by what lower case makes of them.
    if (NOT_ASCII.test(address)) return REFUSALS.noSuchRecipient;
    try {
      return await this.#parts.door.recipient(address, transaction);
    } catch (error) {
      this.#parts.tell({ kind: 'fault', at: 'recipient', error });
      return REFUSALS.fault;
    }
  }

  async #answerTo(arrival: Arrival, transaction: Transaction): Promise<DeliveryAnswer | undefined> {
    if (arrival.kind === 'refused') return arrival;
    if (arrival.kind === 'gone') {
      this.#parts.tell({ kind: 'gone', ip: this.client.ip, bytes: arrival.bytes });
      return undefined;
    }
    const { raw } = arrival;
    if (countReceivedHeaders(raw) > this.#parts.limits.receivedHeaders) {
      return { kind: 'refused', refusal: REFUSALS.loop };
    }
    const { announcedBytes: _, ...envelope } = transaction;
    return this.#deliver({ ...envelope, raw, receivedAt: toInstant(this.#parts.clock.nowMs()) });
  }

  async #deliver(mail: ReceivedMail): Promise<DeliveryAnswer> {
    const { door, tell } = this.#parts;
    try {
      const answer = await door.deliver(mail);
      if (answer.kind === 'taken') {
        const id = answer.id === undefined ? {} : { id: answer.id };
        tell({ kind: 'taken', ip: mail.ip, bytes: mail.raw.length, tls: mail.tls, ...id });
      }
      return answer;
    } catch (error) {
      tell({ kind: 'fault', at: 'deliver', error });
      return { kind: 'refused', refusal: REFUSALS.fault };
    }
  }
}

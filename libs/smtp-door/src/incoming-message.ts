import type { SMTPServerDataStream } from 'smtp-server';
import type { SmtpDoorLimits } from './limits.ts';
import { MessageBytes } from './message-bytes.ts';
import { REFUSALS } from './refusals.ts';
import type { Room } from './room.ts';
import type { Refusal } from './types.ts';

export type Arrival =
  | { readonly kind: 'whole'; readonly raw: Buffer }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'gone'; readonly bytes: number };

export interface IncomingMessageOptions {
  readonly room: Room;
  /** 0 when nothing was. */
  readonly announcedBytes: number;
  readonly limits: SmtpDoorLimits;
  /** It took too long; nothing more of it is wanted. */
  readonly onTooSlow: () => void;
}

/**
 * One message from DATA to its last byte. Of one that is refused in the middle nothing is kept, but it is read to its end:
 * before that the client hears no answer. Room is taken for what is kept, and is given back by whoever has the message then.
 */
export class IncomingMessage {
  readonly arrived: Promise<Arrival>;
  readonly #options: IncomingMessageOptions;
  readonly #settle: (arrival: Arrival) => void;
  #bytes: MessageBytes;
  #refusal: Refusal | undefined;

  constructor(stream: SMTPServerDataStream, options: IncomingMessageOptions) {
    this.#options = options;
    this.#bytes = new MessageBytes(options.announcedBytes);
    const { promise, resolve } = Promise.withResolvers<Arrival>();
    const timer = setTimeout(() => this.#giveUp(), options.limits.messageMs);
    this.arrived = promise;
    this.#settle = (arrival) => {
      clearTimeout(timer);
      resolve(arrival);
    };
    stream.on('data', (piece: Buffer) => this.#add(piece));
    stream.once('end', () => this.#end());
    // The connection is gone. After `end` it says nothing new.
    stream.once('error', () => undefined);
    stream.once('close', () => this.#settle({ kind: 'gone', bytes: this.#bytes.length }));
  }

  #add(piece: Buffer): void {
    if (this.#refusal) return;
    const bytes = this.#bytes.length + piece.length;
    this.#refusal = this.#refusalOf(bytes);
    if (this.#refusal) this.#forget();
    else this.#bytes.add(piece);
  }

  #refusalOf(bytes: number): Refusal | undefined {
    if (bytes > this.#options.limits.messageBytes) return REFUSALS.tooLarge;
    return this.#options.room.growTo(bytes) ? undefined : REFUSALS.noRoom;
  }

  #forget(): void {
    this.#bytes = new MessageBytes(0);
    this.#options.room.giveBack();
  }

  #end(): void {
    const refusal = this.#refusal;
    this.#settle(refusal ? { kind: 'refused', refusal } : { kind: 'whole', raw: this.#bytes.whole() });
  }

  #giveUp(): void {
    this.#settle({ kind: 'gone', bytes: this.#bytes.length });
    this.#options.onTooSlow();
  }
}

import { Readable } from 'node:stream';

/**
 * A message that tells when it is first read: from then on bytes of it may be on the wire. And whether it was given to the
 * socket up to its last dot: before that, anything else that is written would become part of it.
 */
export class MessageStream extends Readable {
  isWhole = false;
  readonly #message: Buffer;
  readonly #onBegun: () => void;

  constructor(message: Buffer, onBegun: () => void) {
    super({ highWaterMark: 0 });
    this.#message = message;
    this.#onBegun = onBegun;
  }

  override pipe<Target extends NodeJS.WritableStream>(target: Target, options?: { end?: boolean }): Target {
    // nodemailer's own stream, that ends the message and is read by the socket.
    target.once('end', () => (this.isWhole = true));
    return super.pipe(target, options);
  }

  override _read(): void {
    this.#onBegun();
    this.push(this.#message);
    this.push(null);
  }
}

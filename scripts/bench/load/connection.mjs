import { connect } from 'node:net';
import { MessageSplitter } from './message-splitter.mjs';

/** The status of a call whose connection ended before the answer came. */
export const BROKEN = 0;

/** One keep-alive connection, one call at a time; connects when it is needed, and again after it broke. */
export class Connection {
  #target;
  #socket;
  #onAnswer;
  #splitter = new MessageSplitter((head, body) => this.#answer(Number(head.slice(9, 12)), body));

  /** @param {{host: string, port: number}} target */
  constructor(target) {
    this.#target = target;
  }

  get isFree() {
    return this.#onAnswer === undefined;
  }

  /**
   * @param {string} request the whole message, in latin1
   * @param {(status: number, body: string) => void} onAnswer with status BROKEN when none came
   */
  call(request, onAnswer) {
    this.#onAnswer = onAnswer;
    this.#socket ??= this.#open();
    this.#socket.write(request, 'latin1');
  }

  /** Gives up on a call that takes too long: its answer is BROKEN. */
  abort() {
    this.#socket?.destroy();
  }

  #open() {
    this.#splitter.reset();
    const socket = connect({ ...this.#target, noDelay: true });
    socket.on('data', (chunk) => this.#splitter.push(chunk));
    socket.once('error', () => undefined); // told by `close`
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#answer(BROKEN, '');
    });
    return socket;
  }

  #answer(status, body) {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(status, body);
  }
}

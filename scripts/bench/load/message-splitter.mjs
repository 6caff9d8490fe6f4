const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;

/**
 * Cuts what comes over one keep-alive HTTP/1.1 connection into messages. Far less than HTTP, and a tenth of the CPU of
 * node:http: the load generator shares the machine with what it measures. Bodies must announce their length.
 */
export class MessageSplitter {
  #pending = '';
  #onMessage;

  /** @param {(head: string, body: string) => void} onMessage both as latin1, where a character is a byte */
  constructor(onMessage) {
    this.#onMessage = onMessage;
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    const text = this.#pending + chunk.toString('latin1');
    let start = 0;
    for (;;) {
      const headEnd = text.indexOf(HEAD_END, start);
      if (headEnd < 0) break;
      const head = text.slice(start, headEnd);
      const bodyStart = headEnd + HEAD_END.length;
      const end = bodyStart + bodyLengthOf(head);
      if (text.length < end) break;
      start = end;
      this.#onMessage(head, text.slice(bodyStart, end));
    }
    this.#pending = start === text.length ? '' : text.slice(start);
  }

  /** Forgets half a message, for a new connection. */
  reset() {
    this.#pending = '';
  }
}

function bodyLengthOf(head) {
  const announced = CONTENT_LENGTH.exec(head);
  if (announced) return Number(announced[1]);
  if (CHUNKED.test(head)) throw new Error(`the load generator reads no chunked bodies, but got:\n${head}`);
  return 0;
}

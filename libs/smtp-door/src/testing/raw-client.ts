import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** A client that says what it is told to, byte by byte. */
export class RawClient implements Disposable {
  #socket: Socket | TLSSocket;
  #received = '';
  #isClosed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Does not wait for the greeting. */
  static connect(port: number): RawClient {
    return new RawClient(connect({ port, host: '127.0.0.1', noDelay: true }));
  }

  /** Greeted, and greeted back. */
  static async greeted(port: number): Promise<RawClient> {
    const client = RawClient.connect(port);
    await client.reply();
    await client.ask('EHLO client.example');
    return client;
  }

  write(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** One line out, one reply back. */
  ask(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** MAIL, RCPT and DATA: the last reply. */
  async begin({ mail = 'MAIL FROM:<ann@example.com>', rcpt = 'RCPT TO:<in@example.org>' } = {}): Promise<string> {
    await this.ask(mail);
    await this.ask(rcpt);
    return this.ask('DATA');
  }

  /** The next reply, all of its lines, without the last line end. Rejects when there comes none any more. */
  async reply(): Promise<string> {
    for (;;) {
      const found = /^(?:\d{3}-[^\n]*\r\n)*\d{3}(?: [^\n]*)?\r\n/.exec(this.#received);
      if (found) {
        this.#received = this.#received.slice(found[0].length);
        return found[0].trimEnd();
      }
      if (this.#isClosed) throw new Error(`closed, with ${JSON.stringify(this.#received)} left`);
      await this.#more();
    }
  }

  /** Resolves once the server has closed, with what it said that was not read. */
  async closed(): Promise<string> {
    while (!this.#isClosed) await this.#more();
    return this.#received;
  }

  async startTls(ca: string): Promise<void> {
    this.#socket.removeAllListeners();
    const socket = connectTls({ socket: this.#socket, ca, servername: 'localhost' });
    this.#socket = socket;
    this.#listen();
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  }

  /** Vanishes. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (piece: Buffer) => {
      this.#received += piece.toString();
      this.#wake();
    });
    this.#socket.once('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

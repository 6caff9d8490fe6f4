import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What ends a statement of the extended protocol, the answer to any statement, and what begins a simple one. */
const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);
const READY = Buffer.from([0x5a, 0, 0, 0, 5]);
const QUERY = 0x51;

export interface Cut {
  /** Counted from 1 over all connections. */
  readonly statement: number;
  /** `sent`: Postgres never hears of it. `answered`: it was executed, and its client never hears of that. */
  readonly before: 'sent' | 'answered';
}

/**
 * Stands between a client and Postgres and ends everything at one statement, for good: to Postgres the client's process
 * was killed at this place.
 */
export class StatementCutter implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  #statements = 0;
  #isCut = false;

  private constructor(
    private readonly listener: Server,
    private readonly target: URL,
    private readonly cut: Cut,
  ) {
    listener.on('connection', (client) => this.#join(client));
  }

  static async start(url: string, cut: Cut): Promise<StatementCutter> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new StatementCutter(listener, new URL(url), cut);
  }

  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.listener.address() as AddressInfo).port);
    return url.href;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    this.listener.close();
    await once(this.listener, 'close');
  }

  #join(client: Socket): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const server = connect(Number(this.target.port), this.target.hostname);
    let isLast = false;
    for (const [one, other] of [[client, server] as const, [server, client] as const]) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        other.destroy();
        this.#sockets.delete(one);
      });
    }
    client.on('data', (bytes) => {
      const isStatement = bytes[0] === QUERY || bytes.subarray(-SYNC.length).equals(SYNC);
      if (isStatement && ++this.#statements === this.cut.statement) {
        if (this.cut.before === 'sent') {
          this.#end();
          return;
        }
        isLast = true;
      }
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!isLast) client.write(bytes);
      // One byte of state follows.
      else if (bytes.subarray(-READY.length - 1, -1).equals(READY)) this.#end();
    });
  }

  #end(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}

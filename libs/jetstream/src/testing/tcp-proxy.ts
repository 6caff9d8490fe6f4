import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between a client and a server on loopback, and can be told to misbehave like a network. */
export class TcpProxy implements AsyncDisposable {
  readonly #pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  #held = false;
  #refusing = false;

  private constructor(
    private readonly listener: Server,
    private readonly targetPort: number,
  ) {
    listener.on('connection', (client) => this.#join(client));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new TcpProxy(listener, targetPort);
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** What the server says is kept back, until `release`; what the client says still arrives. */
  hold(): void {
    this.#held = true;
    for (const { server } of this.#pairs) server.pause();
  }

  release(): void {
    this.#held = false;
    for (const { server } of this.#pairs) server.resume();
  }

  /** Ends every connection; what was held is lost. `refusing` keeps new ones out until `admit`. */
  cut({ refusing = false } = {}): void {
    this.#refusing = refusing;
    this.#held = false;
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  admit(): void {
    this.#refusing = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut({ refusing: true });
    this.listener.close();
    await once(this.listener, 'close');
  }

  #join(client: Socket): void {
    if (this.#refusing) {
      client.destroy();
      return;
    }
    const server = connect(this.targetPort, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    client.pipe(server);
    server.on('data', (bytes) => client.write(bytes));
    if (this.#held) server.pause();
    for (const [one, other] of [[client, server] as const, [server, client] as const]) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
  }
}

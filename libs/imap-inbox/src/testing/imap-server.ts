import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from '#libs/outbound-mail/testing';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import { ImapSession, type ImapFault, type ImapMoment } from './imap-session.ts';
import { TestMailbox } from './test-mailbox.ts';

/** Called with each command; without a fault all goes well. */
export type ImapScript = (moment: ImapMoment) => ImapFault | undefined;

export interface TestImapServerOptions {
  readonly script?: ImapScript;
  /** TLS from the first byte. Default false. */
  readonly secure?: boolean;
  /** Whether STARTTLS is offered. Default false. */
  readonly startTls?: boolean;
  /** Default ann, secret. */
  readonly user?: { readonly username: string; readonly secret: string };
  /** Default IMAP4rev1 IDLE UIDPLUS MOVE NAMESPACE SASL-IR AUTH=XOAUTH2. */
  readonly capabilities?: readonly string[];
  /** Whether the answer to SELECT has UIDNEXT. Default true. */
  readonly tellsUidNext?: boolean;
  /** Besides INBOX. */
  readonly mailboxes?: readonly string[];
}

/** An IMAP server on loopback and a free port, that fails where its script says. */
export interface TestImapServer extends AsyncDisposable {
  readonly port: number;
  readonly inbox: TestMailbox;
  mailbox(path: string): TestMailbox;
  /** All that was said by clients, e.g. `UID FETCH 1:* (UID)`; no secrets are left out. */
  readonly commands: readonly string[];
  /** Connections so far. */
  connections(): number;
  openConnections(): number;
  /** Resolves once that command was said as often as that, since the start. */
  reached(command: string, times?: number): Promise<void>;
  /** Ends all connections. */
  drop(): void;
  /** Says a line on all connections. */
  say(line: string): void;
}

const CAPABILITIES = ['IMAP4rev1', 'IDLE', 'UIDPLUS', 'MOVE', 'NAMESPACE', 'SASL-IR', 'AUTH=XOAUTH2'];

export async function startImapServer(options: TestImapServerOptions = {}): Promise<TestImapServer> {
  const server = new ScriptedServer(options);
  await server.start();
  return server;
}

class ScriptedServer implements TestImapServer {
  readonly commands: string[] = [];
  readonly #options: TestImapServerOptions;
  readonly #server: Server;
  readonly #mailboxes: ReadonlyMap<string, TestMailbox>;
  readonly #sessions = new Map<Socket, ImapSession>();
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  #connections = 0;

  constructor(options: TestImapServerOptions) {
    this.#options = options;
    this.#mailboxes = new Map(['INBOX', ...(options.mailboxes ?? [])].map((path) => [path, new TestMailbox()]));
    const tls = { key: LOCALHOST_KEY, cert: LOCALHOST_CERTIFICATE };
    const onConnection = (socket: Socket) => this.#onConnection(socket);
    this.#server = options.secure ? createTlsServer(tls, onConnection) : createServer(onConnection);
    this.#server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get inbox(): TestMailbox {
    return this.mailbox('INBOX');
  }

  mailbox(path: string): TestMailbox {
    const mailbox = this.#mailboxes.get(path);
    if (!mailbox) throw new Error(`there is no ${path}`);
    return mailbox;
  }

  connections = () => this.#connections;
  openConnections = () => this.#sockets.size;

  reached(command: string, times = 1): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.commands.filter((line) => line.startsWith(command)).length < times) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  drop(): void {
    for (const session of this.#sessions.values()) session.end();
  }

  say(line: string): void {
    for (const session of this.#sessions.values()) session.say(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #onConnection(socket: Socket): void {
    const { user = { username: 'ann', secret: 'secret' } } = this.#options;
    const session = new ImapSession(socket, {
      connection: ++this.#connections,
      capabilities: this.#options.capabilities ?? CAPABILITIES,
      mailboxes: this.#mailboxes,
      startTls: this.#options.startTls
        ? createSecureContext({ key: LOCALHOST_KEY, cert: LOCALHOST_CERTIFICATE })
        : undefined,
      tellsUidNext: this.#options.tellsUidNext ?? true,
      letsIn: (username, secret) => username === user.username && secret === user.secret,
      onCommand: (moment) => this.#onCommand(moment),
    });
    this.#sessions.set(socket, session);
    socket.once('close', () => this.#sessions.delete(socket));
  }

  #onCommand(moment: ImapMoment): ImapFault | undefined {
    this.commands.push(`${moment.command} ${moment.rest}`.trim());
    const fault = this.#options.script?.(moment);
    for (const check of this.#waiting) check();
    return fault;
  }
}

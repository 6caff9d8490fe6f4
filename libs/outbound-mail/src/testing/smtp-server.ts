import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerEnvelope,
  type SMTPServerError,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from './localhost-certificate.ts';

/** `content` is the first byte of the message, `message` is its end. */
export type SmtpStep = 'connect' | 'auth' | 'mail' | 'rcpt' | 'data' | 'content' | 'message';

/**
 * What goes wrong: another reply, no reply at all, or the end of the connection. At `content` a reply is not possible, and a
 * stall reads no further.
 */
export type SmtpFault = { readonly reply: number; readonly text?: string } | 'stall' | 'drop';

export interface SmtpMoment {
  readonly step: SmtpStep;
  /** Ordinal of the connection, from 1. */
  readonly connection: number;
  /** At `mail` and `rcpt`. */
  readonly address?: string;
}

/** Called at every step; without a fault all goes well. */
export type SmtpScript = (moment: SmtpMoment) => SmtpFault | undefined;

export interface TestSmtpServerOptions {
  readonly script?: SmtpScript;
  /** TLS from the first byte. Default false. */
  readonly secure?: boolean;
  /** Whether STARTTLS is offered. Default false. */
  readonly startTls?: boolean;
  /** Whom it lets in; without, nobody need sign in. */
  readonly user?: { readonly username: string; readonly password: string };
  /** Default true. */
  readonly pipelining?: boolean;
  /** The largest message, in bytes. */
  readonly size?: number;
  /** False keeps no content, for floods. Default true. */
  readonly keep?: boolean;
}

export interface ReceivedMail {
  readonly envelope: SMTPServerEnvelope;
  /** As it came, with dots undone. */
  readonly raw: Buffer;
  readonly connection: number;
  /** Whether the connection was encrypted. */
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** A real SMTP server on loopback and a free port, that fails where its script says. */
export interface TestSmtpServer extends AsyncDisposable {
  readonly port: number;
  /** Mails that came whole, oldest first, whatever was answered to them. */
  readonly mails: readonly ReceivedMail[];
  /** Connections so far. */
  readonly connections: () => number;
  readonly openConnections: () => number;
  /** How many there were at a time, at most. */
  readonly mostConnections: () => number;
  /** Resolves once this step was come to as often as that, since the start. */
  readonly reached: (step: SmtpStep, times?: number) => Promise<void>;
  /** Resolves once so many connections are open. */
  readonly hasOpen: (count: number) => Promise<void>;
  /** Says 421 on all connections and ends them, as servers do with idle ones. */
  readonly hangUp: () => void;
}

export async function startSmtpServer(options: TestSmtpServerOptions = {}): Promise<TestSmtpServer> {
  const server = new ScriptedServer(options);
  await server.start();
  return server;
}

type Next = (error?: Error | null) => void;

class ScriptedServer implements TestSmtpServer {
  readonly mails: ReceivedMail[] = [];
  readonly #options: TestSmtpServerOptions;
  readonly #server: SMTPServer;
  readonly #sockets = new Set<Socket>();
  readonly #ordinals = new Map<string, number>();
  readonly #reached = new Map<SmtpStep, number>();
  readonly #waiting = new Set<() => void>();
  #most = 0;

  constructor(options: TestSmtpServerOptions) {
    this.#options = options;
    this.#server = new SMTPServer({
      ...serverOptions(options),
      onConnect: (session, next) => this.#onConnect(session, next),
      onMailFrom: ({ address }, session, next) => this.#play({ step: 'mail', address }, session, next),
      onRcptTo: ({ address }, session, next) => this.#play({ step: 'rcpt', address }, session, next),
      onAuth: ({ username, password }, session, next) => {
        this.#play({ step: 'auth' }, session, (error) => {
          const known = username === options.user?.username && password === options.user?.password;
          const refusal = { message: 'wrong user or password', responseCode: 535 };
          next(error ?? null, known ? { user: username } : refusal);
        });
      },
      onData: (stream, session, next) => this.#onData(stream, session, next),
    });
    // Clients that leave in the middle are what is tested.
    this.#server.on('error', () => undefined);
    this.#server.server.on('connection', (socket: Socket) => this.#onSocket(socket));
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server.server, 'listening');
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  connections = () => this.#ordinals.size;
  openConnections = () => this.#sockets.size;
  mostConnections = () => this.#most;
  reached = (step: SmtpStep, times = 1) => this.#until(() => (this.#reached.get(step) ?? 0) >= times);
  hasOpen = (count: number) => this.#until(() => this.#sockets.size === count);

  hangUp = () => {
    for (const connection of this.#server.connections) connection.send(421, 'too long idle');
  };

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server.server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #onSocket(socket: Socket): void {
    this.#sockets.add(socket);
    this.#most = Math.max(this.#most, this.#sockets.size);
    const watch = () => {
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#tell();
      });
      return socket;
    };
    const removeListeners = socket.removeAllListeners.bind(socket);
    // smtp-server takes off everybody's when it goes over to TLS.
    socket.removeAllListeners = (event) => {
      removeListeners(event);
      return watch();
    };
    watch();
    this.#tell();
  }

  #onConnect(session: SMTPServerSession, next: Next): void {
    this.#ordinals.set(session.id, this.#ordinals.size + 1);
    const connection = this.#connectionOf(session);
    if (connection) {
      const answer = connection.handler_DATA.bind(connection);
      connection.handler_DATA = (command, done) => {
        this.#play({ step: 'data' }, session, (error?: SMTPServerError | null) => {
          if (!error) return answer(command, done);
          connection.send(error.responseCode ?? 451, error.message);
          done();
        });
      };
    }
    this.#play({ step: 'connect' }, session, next);
  }

  #onData(stream: SMTPServerDataStream, session: SMTPServerSession, next: Next): void {
    const chunks: Buffer[] = [];
    const { envelope, secure } = session;
    const user: unknown = session.user;
    stream.once('data', () => {
      if (this.#play({ step: 'content' }, session, () => undefined) === 'stall') stream.pause();
    });
    stream.on('data', (chunk: Buffer) => chunks.push(this.#options.keep === false ? Buffer.alloc(0) : chunk));
    stream.once('end', () => {
      this.mails.push({
        envelope,
        raw: Buffer.concat(chunks),
        connection: this.#ordinals.get(session.id) ?? 0,
        secure,
        user: typeof user === 'string' ? user : undefined,
      });
      this.#play({ step: 'message' }, session, next);
    });
  }

  #play(moment: Omit<SmtpMoment, 'connection'>, session: SMTPServerSession, next: Next): SmtpFault | undefined {
    const connection = this.#ordinals.get(session.id) ?? 0;
    this.#reached.set(moment.step, (this.#reached.get(moment.step) ?? 0) + 1);
    this.#tell();
    const fault = this.#options.script?.({ ...moment, connection });
    if (fault === 'drop') this.#connectionOf(session)?._socket.destroy();
    else if (fault !== 'stall') next(fault && replyOf(fault));
    return fault;
  }

  #connectionOf({ id }: SMTPServerSession) {
    return [...this.#server.connections].find((connection) => connection.id === id);
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!holds()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #tell(): void {
    for (const check of this.#waiting) check();
  }
}

function replyOf({ reply, text = 'as the script has it' }: { readonly reply: number; readonly text?: string }): Error {
  return Object.assign(new Error(text), { responseCode: reply });
}

function serverOptions({
  secure = false,
  startTls = false,
  user,
  pipelining = true,
  size,
}: TestSmtpServerOptions): SMTPServerOptions {
  return {
    secure,
    disabledCommands: [...(startTls || secure ? [] : ['STARTTLS']), ...(user ? [] : ['AUTH'])],
    authOptional: !user,
    allowInsecureAuth: true,
    hidePIPELINING: !pipelining,
    // What a script says is all that is said.
    hideENHANCEDSTATUSCODES: true,
    hideDSN: false,
    ...(size === undefined ? {} : { size, rejectOversized: true }),
    key: LOCALHOST_KEY,
    cert: LOCALHOST_CERTIFICATE,
    name: 'mail.example.com',
    disableReverseLookup: true,
    maxAllowedUnauthenticatedCommands: false,
    logger: false,
  };
}

import { tryParseHost } from '#libs/outbound-wall';
import type { NodemailerError } from 'nodemailer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Socket } from 'node:net';
import { connectWithin, type Route, type Timeouts } from './connect.ts';
import { OutboundMailError, type MailPhase } from './errors.ts';
import { failureOf, type Whereabouts } from './failure.ts';
import { MessageStream } from './message-stream.ts';
import { createRedaction, outcomesOf, textOfReply } from './reply.ts';
import { outcomeUnknown, stoppedError, type Stop } from './stop.ts';
import type { Envelope, MailServer, SentMail } from './types.ts';

export interface SessionOptions extends Route {
  /** Those that said good-bye and wait for the answer, for whoever cannot wait. */
  readonly goodbyes: Set<Session>;
  /** What we call ourselves; default the machine's name. */
  readonly ehloName: string | undefined;
}

/** A message with whom it goes to. */
export interface Sendable {
  readonly envelope: Envelope;
  readonly messageId: string;
  readonly message: Buffer;
  /** Whether it may hold bytes above 127. */
  readonly isEightBit: boolean;
}

const LONGEST_REPLY = 65_536;
const GOODBYE_MS = 2_000;

/**
 * One connection to a server that we are signed in at. Does one thing at a time; knows at every moment whether a message has
 * begun to go out, since from then until its answer nobody can tell what became of it.
 */
export class Session {
  /** Messages that the server answered. */
  answered = 0;
  readonly #options: SessionOptions;
  readonly #connection: SMTPConnection;
  readonly #redact: (text: string) => string;
  #phase: MailPhase = 'greeting';
  #dataBegun = false;
  #to: readonly string[] = [];
  #reject: ((error: OutboundMailError) => void) | undefined;
  #isOpen = true;
  #onEnd: (() => void) | undefined;

  private constructor(server: MailServer, options: SessionOptions, socket: Socket) {
    const connection = createConnection(server, options, socket);
    this.#options = options;
    this.#connection = connection;
    this.#redact = createRedaction(server);
    connection.on('error', (error: NodemailerError) => this.#fail(error));
    connection.once('end', () => this.#end());
  }

  /** Connects and signs in. */
  static async open(server: MailServer, options: SessionOptions, stop: Stop): Promise<Session> {
    const socket = await connectWithin(options, server, stop);
    if (stop.reason) {
      socket.destroy();
      throw stoppedError(stop.reason, 'connect', false);
    }
    const session = new Session(server, options, socket);
    try {
      await session.#step<void>(stop, (done) => session.#connection.connect(done));
      await session.#signIn(server, stop);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get encrypted(): boolean {
    return this.#connection.secure;
  }

  get authenticated(): boolean {
    return this.#connection.authenticated;
  }

  /** Calls back once, when the server or an idle time ends the connection between messages. */
  onEnd(tell: () => void): void {
    this.#onEnd = tell;
  }

  async send({ envelope, message, messageId, isEightBit }: Sendable, stop: Stop): Promise<SentMail> {
    this.#phase = 'envelope';
    this.#to = envelope.to;
    const stream = new MessageStream(message, () => {
      this.#dataBegun = true;
      this.#phase = 'data';
    });
    try {
      const info = await this.#step<SMTPConnection.SentMessageInfo>(stop, (done) =>
        this.#connection.send(envelopeOf(envelope, message.length, isEightBit), stream, done),
      );
      // An answer to what was not all said yet is about nothing that we know of.
      if (!stream.isWhole) throw outcomeUnknown('the server answered too early');
      const recipients = outcomesOf(envelope.to, info.rejectedErrors ?? [], this.#redact);
      return { recipients, response: textOfReply(info.response, this.#redact), messageId };
    } finally {
      // An answer that came too early: what is said now would be read as part of the message.
      if (this.#dataBegun && !stream.isWhole) this.close();
      stream.destroy();
      this.#dataBegun = false;
      this.answered++;
    }
  }

  /** Makes the connection ready for another message after one that was refused; whether it is. */
  async reset(stop: Stop): Promise<boolean> {
    if (!this.#isOpen) return false;
    this.#phase = 'envelope';
    try {
      await this.#step<boolean | undefined>(stop, (done) => this.#connection.reset(done));
      return true;
    } catch {
      // Whatever it was, it was about no mail: the connection is not used again.
      return false;
    }
  }

  /** Says good-bye, and leaves without an answer when none comes. */
  quit(): void {
    if (!this.#isOpen) return;
    const { goodbyes } = this.#options;
    const timer = setTimeout(() => this.close(), GOODBYE_MS);
    goodbyes.add(this);
    this.#onEnd = () => {
      clearTimeout(timer);
      goodbyes.delete(this);
    };
    this.#connection.quit();
  }

  /** Ends it at once; what waits for an answer gets none. */
  close(): void {
    this.#connection.close();
  }

  #signIn({ username, password }: MailServer, stop: Stop): Promise<void> | undefined {
    if (username === undefined) return undefined;
    this.#phase = 'auth';
    if (this.#connection.allowsAuth) {
      return this.#step(stop, (done) =>
        this.#connection.login({ user: username, pass: password ?? '' }, (error) => done(error)),
      );
    }
    const message = 'the server offers no way to sign in; it may do so only over TLS';
    throw new OutboundMailError('SMTP_AUTH', message, { retryable: false, phase: 'auth' });
  }

  /** Waits for one answer of nodemailer, whichever way it comes: called back, as an event, as the end, or not wanted any more. */
  #step<Value>(
    stop: Stop,
    begin: (done: (error?: NodemailerError | null, value?: Value) => void) => void,
  ): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      const settle = () => {
        stop.onStop = undefined;
        this.#reject = undefined;
      };
      this.#reject = (error) => {
        settle();
        reject(error);
      };
      stop.onStop = () => {
        this.#reject?.(stoppedError(stop.reason ?? 'aborted', this.#phase, this.#dataBegun));
        this.close();
      };
      if (stop.reason) {
        stop.onStop();
        return;
      }
      begin((error, value) => {
        if (error) return this.#fail(error);
        settle();
        resolve(value as Value);
      });
    });
  }

  #fail(error: NodemailerError): void {
    const upgrading = this.#phase === 'greeting' && this.#connection.upgrading === true;
    this.#reject?.(failureOf(error, { ...this.#whereabouts(), ...(upgrading ? { phase: 'tls' } : {}) }));
  }

  #whereabouts(): Whereabouts {
    return { phase: this.#phase, dataBegun: this.#dataBegun, to: this.#to, redact: this.#redact };
  }

  #end(): void {
    this.#isOpen = false;
    this.#onEnd?.();
    // nodemailer says why after it said that; where it does not, the connection just ended.
    const waiting = this.#reject;
    if (!waiting) return;
    setImmediate(() => {
      if (this.#reject === waiting) waiting(failureOf({ name: 'Error', message: '' }, this.#whereabouts()));
    });
  }
}

function createConnection(server: MailServer, options: SessionOptions, socket: Socket): SMTPConnection {
  const { host, port, secure, username } = server;
  const { connectMs, greetingMs, socketMs }: Timeouts = options.timeouts;
  return new SMTPConnection({
    connection: socket,
    // For the certificate alone: the socket stands, and nothing is resolved any more.
    host: tryParseHost(host) ?? host,
    port,
    secure,
    requireTLS: server.requireTls ?? (username !== undefined && !secure),
    ...(options.ehloName === undefined ? {} : { name: options.ehloName }),
    connectionTimeout: connectMs,
    greetingTimeout: greetingMs,
    socketTimeout: socketMs,
    // What is not wanted any more must not be flushed.
    socketCloseTimeout: 0,
    maxResponseSize: LONGEST_REPLY,
    logger: false,
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: server.rejectUnauthorized ?? true,
      ...(server.ca === undefined ? {} : { ca: server.ca }),
    },
  });
}

function envelopeOf({ from, to, dsn }: Envelope, size: number, use8BitMime: boolean): SMTPConnection.Envelope {
  return {
    from,
    to: [...to],
    size,
    use8BitMime,
    ...(dsn ? { dsn: { ret: 'HDRS', envid: dsn.envid, notify: ['FAILURE', 'DELAY'] } } : {}),
  };
}

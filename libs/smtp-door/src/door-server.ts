import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { SmtpDoorLimits } from './limits.ts';
import { errorOf, textOf } from './refusals.ts';
import type { Transaction, Visit } from './visit.ts';

export interface DoorServerOptions {
  /** What we call ourselves. */
  readonly hostname: string;
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly limits: SmtpDoorLimits;
  /** Undefined where the socket was dealt with already. */
  readonly admit: (socket: Socket) => Visit | undefined;
  readonly onEnd: (visit: Visit) => void;
  /** A reply from 400. */
  readonly onRefused: (visit: Visit, replyCode: number, reply: string) => void;
}

type Next = (error?: Error | null, text?: string) => void;

/** smtp-server, with a visit for each connection. */
export class DoorServer extends SMTPServer {
  readonly #parts: DoorServerOptions;
  /** smtp-server keeps one session object as long as the connection lasts. */
  readonly #visits = new WeakMap<SMTPServerSession, Visit>();

  constructor(options: DoorServerOptions) {
    super(serverOptions(options));
    this.#parts = options;
  }

  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions | null): void {
    const visit = this.#parts.admit(socket);
    if (!visit) return;
    const connection = new DoorConnection(this, socket, socketOptions);
    this.#visits.set(connection.session, visit);
    connection.receiveFor(visit, this.#parts.onRefused);
    this.connections.add(connection);
    connection.on('error', (error) => this.emit('error', error));
    connection.init();
  }

  override onMailFrom(from: SMTPServerAddress, session: SMTPServerSession, next: Next): void {
    const refusal = this.#visits.get(session)?.refusalOfMail(announcedIn(from));
    next(refusal && errorOf(refusal));
  }

  override onRcptTo({ address }: SMTPServerAddress, session: SMTPServerSession, next: Next): void {
    const visit = this.#visits.get(session);
    void visit
      ?.refusalOfRecipient(asciiOf(address), transactionOf(session, visit))
      .then((refusal) => next(refusal && errorOf(refusal)));
  }

  override onData(stream: SMTPServerDataStream, session: SMTPServerSession, next: Next): void {
    const visit = this.#visits.get(session);
    void visit?.receive(stream, transactionOf(session, visit)).then((answer) => {
      if (answer?.kind === 'taken') next(null, answer.id === undefined ? 'Taken' : `Taken as ${answer.id}`);
      else if (answer) next(errorOf(answer.refusal));
      visit.answered();
    });
  }

  override onClose(session: SMTPServerSession): void {
    const visit = this.#visits.get(session);
    if (visit) this.#parts.onEnd(visit);
  }
}

/** What already begins with an enhanced code; smtp-server would put one of its own before it. */
const HAS_ENHANCED_CODE = /^[245]\.\d{1,3}\.\d{1,3} /;

class DoorConnection extends SMTPConnection {
  #visit: Visit | undefined;
  #onRefused: DoorServerOptions['onRefused'] | undefined;

  receiveFor(visit: Visit, onRefused: DoorServerOptions['onRefused']): void {
    this.#visit = visit;
    this.#onRefused = onRefused;
    visit.enter({
      say: (refusal) => this.send(refusal.replyCode, textOf(refusal)),
      cut: () => this._socket.destroySoon(),
    });
  }

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const isComplete = typeof data === 'string' && HAS_ENHANCED_CODE.test(data);
    super.send(code, data, isComplete ? false : context);
    if (code >= 400 && this.#visit) this.#onRefused?.(this.#visit, code, this.session.error ?? '');
  }

  /** smtp-server says 354 before it asks anybody. */
  override handler_DATA(command: Buffer, done: () => void): void {
    const { mailFrom, rcptTo } = this.session.envelope;
    const isExpected = this._parser !== false && mailFrom !== false && rcptTo.length > 0;
    const refusal = isExpected ? this.#visit?.refusalOfMessage(announcedIn(mailFrom)) : undefined;
    if (!refusal) return super.handler_DATA(command, done);
    this.send(refusal.replyCode, textOf(refusal));
    done();
  }
}

function transactionOf(session: SMTPServerSession, { client }: Visit): Transaction {
  const { envelope, hostNameAppearsAs, secure } = session;
  const { mailFrom, rcptTo } = envelope;
  const announcedBytes = mailFrom === false ? undefined : announcedIn(mailFrom);
  return {
    ip: client.ip,
    helo: hostNameAppearsAs,
    envelopeFrom: mailFrom === false ? '' : asciiOf(mailFrom.address),
    recipients: rcptTo.map(({ address }) => asciiOf(address)),
    ...(announcedBytes === undefined ? {} : { announcedBytes }),
    tls: secure,
  };
}

/** smtp-server has seen to it that they are digits, and no more than a message may have. */
function announcedIn({ args }: SMTPServerAddress): number | undefined {
  const size = args === false ? undefined : args['SIZE'];
  return typeof size === 'string' ? Number(size) : undefined;
}

/** smtp-server turns domains of ASCII into what people read; everybody else has them as DNS does. */
function asciiOf(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  return at < 0 || domain.startsWith('[') ? address : `${address.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

function serverOptions({ hostname, tls, limits }: DoorServerOptions): SMTPServerOptions {
  return {
    name: hostname,
    heloResponse: '%s',
    size: limits.messageBytes,
    maxRecipients: limits.recipients,
    maxCommandLength: limits.commandBytes,
    socketTimeout: limits.idleMs,
    hideENHANCEDSTATUSCODES: false,
    disableReverseLookup: true,
    authOptional: true,
    // Commands that smtp-server has for other uses, or as a joke.
    disabledCommands: ['AUTH', 'XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL', ...(tls ? [] : ['STARTTLS'])],
    logger: false,
    ...tls,
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

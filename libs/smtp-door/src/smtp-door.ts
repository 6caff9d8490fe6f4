import type { Clock } from '#libs/kernel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { clientKeyOf, ipOf, RELAY } from './client-key.ts';
import { DoorServer } from './door-server.ts';
import { SMTP_DOOR_LIMITS, type SmtpDoorLimits } from './limits.ts';
import { MessageRate } from './message-rate.ts';
import { REFUSALS, textOf } from './refusals.ts';
import { Share } from './share.ts';
import type { Held, MailDoor, Refusal, SmtpDoor, SmtpDoorEvent } from './types.ts';
import { Visit, type VisitParts } from './visit.ts';

export interface SmtpDoorOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** The address that it listens on. */
  readonly host: string;
  /** What we call ourselves: the name that the MX record has. */
  readonly hostname: string;
  /** PEM; with it STARTTLS is offered, and not asked for. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly door: MailDoor;
  readonly limits?: Partial<SmtpDoorLimits>;
  /** Who brings the mail of others, such as a server in front: the limits of a client are not for them. Default: nobody. */
  readonly isRelay?: (ip: string) => boolean;
  readonly clock: Clock;
  /** How long messages under way may take once it is disposed. Default 10,000. */
  readonly closeMs?: number;
  /** Must not throw. */
  readonly onEvent?: (event: SmtpDoorEvent) => void;
}

const CLOSE_MS = 10_000;

/** Resolves once it listens; rejects with node's error where it cannot. */
export async function createSmtpDoor(options: SmtpDoorOptions): Promise<SmtpDoor> {
  const door = new ListeningDoor(options);
  await door.listen();
  return door;
}

class ListeningDoor implements SmtpDoor {
  readonly #options: SmtpDoorOptions;
  readonly #server: DoorServer;
  readonly #connections: Share;
  readonly #parts: VisitParts;
  readonly #visits = new Set<Visit>();
  #onEmpty: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: SmtpDoorOptions) {
    const limits = { ...SMTP_DOOR_LIMITS, ...options.limits };
    const { door, clock, onEvent = () => undefined } = options;
    this.#options = options;
    this.#connections = new Share({ total: limits.connections, perClient: limits.connectionsPerClient });
    this.#parts = {
      door,
      limits,
      clock,
      bytesUnderWay: new Share({ total: limits.bytesUnderWay, perClient: limits.bytesUnderWayPerClient }),
      rate: new MessageRate({
        perMinute: limits.messagesPerMinutePerClient,
        clients: limits.ratedClients,
        clock,
      }),
      tell: onEvent,
    };
    this.#server = new DoorServer({
      hostname: options.hostname,
      ...(options.tls ? { tls: options.tls } : {}),
      limits,
      admit: (socket) => this.#admit(socket),
      onEnd: (visit) => this.#end(visit),
      onRefused: ({ client: { ip } }, replyCode, reply) => onEvent({ kind: 'refused', ip, replyCode, reply }),
    });
    this.#server.on('error', (error: Error) => onEvent({ kind: 'connectionFailed', error }));
    // smtp-server listens to a socket a moment after it was accepted.
    this.#server.server.on('connection', (socket) => socket.on('error', () => undefined));
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#options.port, this.#options.host);
    await once(this.#server.server, 'listening');
  }

  get port(): number {
    const address = this.#server.server.address();
    return typeof address === 'object' && address ? address.port : this.#options.port;
  }

  held(): Held {
    return { connections: this.#connections.taken, bytesUnderWay: this.#parts.bytesUnderWay.taken };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  #admit(socket: Socket): Visit | undefined {
    const ip = ipOf(socket.remoteAddress);
    // Closed before anybody could hear of it.
    if (ip === undefined || socket.destroyed) return undefined;
    const client = { ip, key: this.#options.isRelay?.(ip) ? RELAY : clientKeyOf(ip) };
    if (this.#closed) return this.#turnAway(socket, ip, REFUSALS.closing);
    if (!this.#connections.take(client.key, 1)) return this.#turnAway(socket, ip, REFUSALS.tooManyConnections);
    const visit = new Visit(this.#parts, client);
    this.#visits.add(visit);
    return visit;
  }

  /** Without waiting for the client to close: there may be many of them. */
  #turnAway(socket: Socket, ip: string, refusal: Refusal): undefined {
    const reply = `${refusal.replyCode} ${textOf(refusal)}`;
    socket.end(`${reply}\r\n`, () => socket.destroy());
    this.#parts.tell({ kind: 'refused', ip, replyCode: refusal.replyCode, reply });
  }

  #end(visit: Visit): void {
    this.#visits.delete(visit);
    this.#connections.giveBack(visit.client.key, 1);
    if (this.#visits.size === 0) this.#onEmpty?.();
  }

  async #close(): Promise<void> {
    // It listens until then: who is told to come back does so sooner than who finds nobody.
    await this.#emptied();
    const closed = once(this.#server.server, 'close');
    this.#server.server.close();
    for (const visit of this.#visits) visit.cut();
    await closed;
  }

  #emptied(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#onEmpty?.(), this.#options.closeMs ?? CLOSE_MS);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
      for (const visit of this.#visits) visit.leave();
      if (this.#visits.size === 0) this.#onEmpty();
    });
  }
}

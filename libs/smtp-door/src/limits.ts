const KIB = 1024;
const MIB = 1024 * KIB;

/** A client is an IPv4 address, or the /64 that an IPv6 address lies in. */
export interface SmtpDoorLimits {
  /** Of one message, announced as SIZE. Default 25 MiB. */
  readonly messageBytes: number;
  /** Of one message. Default 100. */
  readonly recipients: number;
  /** Default 200. */
  readonly connections: number;
  /** Of one client. Default 20. */
  readonly connectionsPerClient: number;
  /** Of all messages that come in or are being delivered. Default 256 MiB. */
  readonly bytesUnderWay: number;
  /** Of one client; not less than one message has. Default 128 MiB. */
  readonly bytesUnderWayPerClient: number;
  /** How often a client may say MAIL, in a burst too. Default 600. */
  readonly messagesPerMinutePerClient: number;
  /** Clients whose rate is known; the one heard of longest ago is forgotten for one more. Default 10,000. */
  readonly ratedClients: number;
  /** Recipients that are refused for good on one connection before it is ended. Default 10. */
  readonly refusedRecipients: number;
  /** Default 1,000. */
  readonly messagesPerConnection: number;
  /** A message with more `Received` headers goes in circles. Default 30. */
  readonly receivedHeaders: number;
  /** Of one command. Default 2 KiB. */
  readonly commandBytes: number;
  /** Without a byte from a client that it is waited for. Default 60,000. */
  readonly idleMs: number;
  /** From DATA to the last byte of the message. Default 600,000. */
  readonly messageMs: number;
}

export const SMTP_DOOR_LIMITS: SmtpDoorLimits = {
  messageBytes: 25 * MIB,
  recipients: 100,
  connections: 200,
  connectionsPerClient: 20,
  bytesUnderWay: 256 * MIB,
  bytesUnderWayPerClient: 128 * MIB,
  messagesPerMinutePerClient: 600,
  ratedClients: 10_000,
  refusedRecipients: 10,
  messagesPerConnection: 1_000,
  receivedHeaders: 30,
  commandBytes: 2 * KIB,
  idleMs: 60_000,
  messageMs: 600_000,
};

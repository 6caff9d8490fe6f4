export type EmbeddedServerErrorCode =
  /** Another process holds the data directory. */
  | 'DATA_DIR_IN_USE'
  /** Another program listens on the port that was asked for. */
  | 'PORT_IN_USE'
  /** No nats-server that is new enough. */
  | 'NATS_SERVER_MISSING'
  /** No Postgres build for this platform, or one that does not run here. */
  | 'POSTGRES_MISSING'
  /** The database files could not be created. */
  | 'POSTGRES_SETUP_FAILED'
  /** The server ended, or was not ready in time; the message has the last lines of its log. */
  | 'SERVER_DID_NOT_START';

/** Why an embedded server cannot be had. Nothing of it was left running; the message says what a person can do. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';

  constructor(
    readonly code: EmbeddedServerErrorCode,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

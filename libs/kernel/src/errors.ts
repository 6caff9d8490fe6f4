/**
 * What kind of trouble it is; one filter at the edge turns the kind into an HTTP status.
 * `malformed`: not readable at all; `refused`: readable and against a rule; `badGateway`:
 * what was asked to answer failed; `unavailable`: a dependency is away, try later.
 */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'methodNotAllowed'
  | 'conflict'
  | 'stale'
  | 'tooLarge'
  | 'unsupportedMediaType'
  | 'refused'
  | 'preconditionRequired'
  | 'tooManyRequests'
  | 'badGateway'
  | 'unavailable';

/** One problem of several, with the path of the value that has it, e.g. `nodes[2].config.url`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

export interface ErrorOptions {
  readonly problems?: readonly Problem[];
  /** For `unavailable` and `tooManyRequests`: when to try again. */
  readonly retryAfterMs?: number;
  /** For `methodNotAllowed`: what is. */
  readonly allow?: readonly string[];
  /** For `unauthenticated`: how to prove who calls, as `WWW-Authenticate` says it; default `Bearer`. */
  readonly challenge?: string;
  readonly cause?: unknown;
}

/** An error that a caller may see. `code` is API and stable, the message says what to do and may change. */
export class MillraceError extends Error {
  override readonly name: string = 'MillraceError';
  readonly problems: readonly Problem[];
  readonly retryAfterMs: number | undefined;
  readonly allow: readonly string[] | undefined;
  readonly challenge: string | undefined;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.problems = options.problems ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.allow = options.allow;
    this.challenge = options.challenge;
  }
}

/** A broken invariant: our mistake, never the caller's. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Closes a switch over a union: compiles only when every case is handled. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`);
}

import { ExpressionError } from '#libs/expressions';
import { NodeError } from '#libs/node-kit';
import type { Fault } from './fault-shape.ts';
import type { AttemptFailure } from './commands.ts';
import type { OwnPayload } from './payload.ts';

/** The fault behind an error that a node is allowed to throw; anything else is our own mistake and goes up. */
export function faultOf(error: unknown): Fault {
  return faultIn(failureOf(error));
}

/** What of a failure is told to people; whether to try again is a matter of the engine. */
export function faultIn({ code, message, details }: AttemptFailure): Fault {
  return details === undefined ? { code, message } : { code, message, details };
}

/**
 * How an attempt failed: by the node's own account, or by an expression in its config. Rethrows anything else.
 * `destination` is what it called, if that has a name.
 */
export function failureOf(error: unknown, destination?: string): AttemptFailure {
  if (error instanceof ExpressionError) return expressionFailure(error);
  if (!(error instanceof NodeError)) throw error;
  const { retryable, retryAfterMs, details, inDoubt } = error.options;
  return {
    code: error.code,
    message: error.message,
    ...(inDoubt ? { retryable: false, inDoubt } : { retryable }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...limitedBy(error, destination),
    ...(details === undefined ? {} : { details }),
  };
}

function limitedBy({ options }: NodeError, destination: string | undefined): Pick<AttemptFailure, 'limitedAt'> {
  // Of what is in doubt nobody knows that nothing was done.
  return options.rateLimited && !options.inDoubt && destination !== undefined ? { limitedAt: destination } : {};
}

/** The output of a node whose failure the flow survives. */
export function outputOfFailed({ code, message, details }: Fault): OwnPayload {
  return { value: { error: details === undefined ? { code, message } : { code, message, details } } };
}

function expressionFailure(error: ExpressionError): AttemptFailure {
  const { expression, offset, path, hint } = error;
  const details = { path, expression, offset, ...(hint === undefined ? {} : { hint }) };
  return { code: error.code, message: error.message, retryable: false, details };
}

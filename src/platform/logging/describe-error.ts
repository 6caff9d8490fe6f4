import { types } from 'node:util';

export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorDescription;
}

/** Causes deeper than this say nothing new, and a cycle must end. */
const MAX_CAUSES = 4;

/** An error as it stands in the log: its kind, text, stack and causes, and none of the fields that libraries hang on it. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!types.isNativeError(error)) return { type: typeof error, message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(error.stack === undefined ? {} : { stack: stackOf(error.stack) }),
    ...causeOf(error, depth),
  };
}

function causeOf(error: Error, depth: number): { cause?: ErrorDescription } {
  if (error.cause === undefined || depth >= MAX_CAUSES) return {};
  return { cause: describeError(error.cause, depth + 1) };
}

/** The frames alone: the stack's head repeats the message. */
function stackOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

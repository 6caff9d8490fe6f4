import type { ErrorKind } from '#libs/kernel';

/** The one place where an error's kind meets HTTP. */
export const STATUS_OF: Record<ErrorKind, number> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  methodNotAllowed: 405,
  conflict: 409,
  stale: 412,
  tooLarge: 413,
  unsupportedMediaType: 415,
  refused: 422,
  preconditionRequired: 428,
  tooManyRequests: 429,
  badGateway: 502,
  unavailable: 503,
};

import { HttpException } from '@nestjs/common';
import { MillraceError, type ErrorKind } from '#libs/kernel';
import { isLockedTooLong } from '../database/lock-wait.ts';
import { isDatabaseAway } from '../database/database-away.ts';
import { isTextRefused } from '../database/text-refused.ts';
import { STATUS_OF } from './statuses.ts';

export const NO_SUCH_ROUTE = 'there is no such route; GET /openapi.json lists all there are, and /docs shows them';

type Translation = readonly [kind: ErrorKind, code: string, message: string];

/** What Fastify refuses before a handler runs, by its code. */
const FASTIFY: Readonly<Record<string, Translation>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed', 'MALFORMED_JSON', 'the body is not valid JSON'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed', 'MALFORMED_JSON', 'the body is empty'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'malformed',
    'INCOMPLETE_BODY',
    'the body is not as long as Content-Length says',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: ['tooLarge', 'BODY_TOO_LARGE', 'the body is larger than this route takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupportedMediaType',
    'UNSUPPORTED_MEDIA_TYPE',
    'the Content-Type is not one that this route takes; the API takes application/json',
  ],
  FST_ERR_BAD_URL: ['malformed', 'MALFORMED_URL', 'the path is not validly percent-encoded'],
  FST_ERR_MAX_PARAM_LENGTH: ['notFound', 'ROUTE_NOT_FOUND', NO_SUCH_ROUTE],
};

/** The error as one that a caller may see, or undefined when it is a fault of ours. */
export function asMillraceError(error: unknown): MillraceError | undefined {
  if (error instanceof MillraceError) return error;
  if (isDatabaseAway(error))
    return new MillraceError('unavailable', 'DATABASE_UNAVAILABLE', 'the database is away; try again', {
      cause: error,
    });
  if (isLockedTooLong(error))
    return new MillraceError('unavailable', 'BUSY', 'somebody else is changing this at the moment; try again', {
      cause: error,
      retryAfterMs: 2_000,
    });
  if (isTextRefused(error))
    return new MillraceError('malformed', 'INVALID_REQUEST', 'text must not hold NUL characters', { cause: error });
  if (error instanceof HttpException) return fromNest(error);
  return fromFastify(error);
}

function fromNest(error: HttpException): MillraceError | undefined {
  const status = error.getStatus();
  const kind = (Object.keys(STATUS_OF) as ErrorKind[]).find((candidate) => STATUS_OF[candidate] === status);
  if (!kind || status >= 500) return undefined;
  const code = kind.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return new MillraceError(kind, code, error.message, { cause: error });
}

function fromFastify(error: unknown): MillraceError | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const translation = FASTIFY[String(error.code)];
  if (!translation) return undefined;
  const [kind, code, message] = translation;
  return new MillraceError(kind, code, message, { cause: error });
}

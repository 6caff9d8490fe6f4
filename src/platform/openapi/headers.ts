import { z } from 'zod';
import type { AnswerHeader, RequestHeader } from './operation.ts';

export const ANSWER_HEADERS: Readonly<Record<AnswerHeader, z.ZodType>> = {
  etag: z
    .string()
    .meta({ description: 'Of what was answered; goes into `If-Match` and `If-None-Match`.', example: '"3"' }),
  location: z.string().meta({ description: 'Path of what was made.', example: '/v1/executions/ex_01m85jgbmk' }),
  'preference-applied': z.string().meta({ description: 'The wait that was granted.', example: 'wait=10' }),
  'idempotency-replayed': z
    .literal('true')
    .optional()
    .meta({ description: 'On an answer that was given before, to the same `Idempotency-Key`.' }),
  ratelimit: z
    .string()
    .optional()
    .meta({ description: 'What is left in this window, and its seconds to go.', example: '"default";r=99998;t=7' }),
  'ratelimit-policy': z
    .string()
    .optional()
    .meta({ description: 'Requests a window, and its seconds.', example: '"default";q=100000;w=10' }),
  'retry-after': z.string().meta({ description: 'Seconds after which to try again.', example: '1' }),
};

const REQUEST_HEADERS: Readonly<Record<RequestHeader, z.ZodType>> = {
  'if-match': z
    .string()
    .optional()
    .meta({ description: 'The `ETag` of the version that was changed; 428 without it.', example: '"3"' }),
  'if-none-match': z
    .string()
    .optional()
    .meta({ description: 'An `ETag` that the caller has; 304 when it is still that.', example: '"3"' }),
  'last-event-id': z
    .string()
    .optional()
    .meta({ description: 'Of the last event that the caller has; what follows is sent.', example: '3' }),
  prefer: z
    .string()
    .optional()
    .meta({ description: '`wait=N` waits up to N seconds, at most 60, for the end (RFC 7240).', example: 'wait=10' }),
};

const IDEMPOTENCY_KEY = z.string().optional().meta({
  description:
    'Makes a repeated request safe: the same key with the same body within 24 hours gets the first answer again.',
  example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
});

/** The headers that a route takes; undefined for none. */
export function requestHeadersOf(names: readonly RequestHeader[], isIdempotent: boolean): z.ZodObject | undefined {
  const headers = {
    ...Object.fromEntries(names.map((name) => [name, REQUEST_HEADERS[name]])),
    ...(isIdempotent ? { 'idempotency-key': IDEMPOTENCY_KEY } : {}),
  };
  return Object.keys(headers).length > 0 ? z.object(headers) : undefined;
}

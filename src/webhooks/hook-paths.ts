import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { problemResponses } from '../platform/openapi/path-items.ts';

const acceptedSchema = z.object({ executionId: z.string(), status: z.string().optional() }).meta({
  id: 'AcceptedCall',
  description: 'The execution that a call started.',
  examples: [{ executionId: 'ex_01m85jgbmk' }],
});

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const refusals = problemResponses({
  400: ['MALFORMED_BODY', 'MALFORMED_JSON', 'JSON_TOO_DEEP', 'INCOMPLETE_BODY'],
  401: ['SIGNATURE_MISSING', 'SIGNATURE_MALFORMED', 'SIGNATURE_EXPIRED', 'SIGNATURE_MISMATCH'],
  403: ['ADDRESS_NOT_ALLOWED'],
  404: ['WEBHOOK_NOT_FOUND'],
  405: ['METHOD_NOT_ALLOWED'],
  409: ['DUPLICATE_CALL'],
  413: ['BODY_TOO_LARGE'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'UNSUPPORTED_ENCODING'],
  422: ['BODY_REFUSED', 'NO_DEDUPE_KEY'],
  429: ['TOO_MANY_CALLS'],
  502: ['EXECUTION_FAILED'],
  503: [
    'LOG_UNAVAILABLE',
    'LOG_BUSY',
    'DATABASE_UNAVAILABLE',
    'WEBHOOK_NOT_VERIFIABLE',
    'TRIGGER_UNKNOWN',
    'SHUTTING_DOWN',
  ],
});

/** `/hooks/:token`, which is a route of Fastify and not of Nest. */
export const hookPaths: ZodOpenApiPathsObject = {
  '/hooks/{token}': Object.fromEntries(METHODS.map((method) => [method, callOf(method)])),
};

function callOf(method: (typeof METHODS)[number]): ZodOpenApiOperationObject {
  return {
    operationId: `webhookCall${method.charAt(0).toUpperCase()}${method.slice(1)}`,
    tags: ['hooks'],
    summary: 'Call a webhook',
    description:
      'Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call: at once, or, ' +
      'when the webhook says so, with the result of the execution or with what its `respond` node says, which may have any ' +
      'status, headers and body.',
    security: [],
    requestParams: {
      path: z.object({ token: z.string().meta({ description: 'The last part of the webhook’s URL.' }) }),
    },
    ...(method === 'get'
      ? {}
      : {
          requestBody: {
            required: false,
            content: {
              'application/json': { schema: z.unknown(), example: { orderId: 'A-17', amount: 250 } },
              '*/*': {},
            },
          },
        }),
    responses: {
      200: {
        description: 'The output of the execution, where the webhook waits for it; or what a service is answered.',
        content: { 'application/json': { schema: z.unknown(), example: { total: 250 } }, 'text/plain': {} },
      },
      202: {
        description: 'The call is in the log; `status` where the webhook waits for a result that did not come in time.',
        content: { 'application/json': { schema: acceptedSchema, example: { executionId: 'ex_01m85jgbmk' } } },
      },
      ...refusals,
    },
  };
}

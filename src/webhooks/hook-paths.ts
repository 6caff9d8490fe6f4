import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { problemResponses } from '../platform/openapi/path-items.ts';

const acceptedSchema = z.object({ executionId: z.string() }).meta({
  id: 'AcceptedCall',
  description: 'The execution that a call started.',
  examples: [{ executionId: 'ex_01m85jgbmk' }],
});

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** `/hooks/:token`, which is a route of Fastify and not of Nest. */
export const hookPaths: ZodOpenApiPathsObject = {
  '/hooks/{token}': Object.fromEntries(METHODS.map((method) => [method, callOf(method)])),
};

function callOf(method: (typeof METHODS)[number]): ZodOpenApiOperationObject {
  return {
    operationId: `webhookCall${method.charAt(0).toUpperCase()}${method.slice(1)}`,
    tags: ['hooks'],
    summary: 'Call a webhook',
    description: 'Starts an execution of the workflow behind the URL. Answered once the log has acknowledged the call.',
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
      202: {
        description: 'The call is in the log.',
        content: { 'application/json': { schema: acceptedSchema, example: { executionId: 'ex_01m85jgbmk' } } },
      },
      ...problemResponses({
        400: ['MALFORMED_BODY', 'MALFORMED_JSON', 'JSON_TOO_DEEP', 'INCOMPLETE_BODY'],
        404: ['WEBHOOK_NOT_FOUND'],
        405: ['METHOD_NOT_ALLOWED'],
        413: ['BODY_TOO_LARGE'],
        415: ['UNSUPPORTED_MEDIA_TYPE'],
        503: ['LOG_UNAVAILABLE', 'LOG_BUSY', 'SHUTTING_DOWN'],
      }),
    },
  };
}

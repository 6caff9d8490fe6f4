import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { problemResponses } from '../platform/openapi/path-items.ts';

const path = z.object({ state: z.string().meta({ description: 'Of the link.' }) });
const page = z.string().meta({ id: 'ConnectPage', description: 'A page for people.' });
const common = {
  tags: ['oauth'],
  security: [],
  requestParams: { path },
} satisfies Partial<ZodOpenApiOperationObject>;
const UNAVAILABLE = ['LOG_UNAVAILABLE', 'LOG_BUSY', 'SHUTTING_DOWN'];
const refusals = {
  404: ['OAUTH_LINK_NOT_FOUND', 'CREDENTIAL_NOT_FOUND'],
  409: ['OAUTH_LINK_USED', 'OAUTH_CLIENT_CHANGED'],
  422: ['CREDENTIAL_NOT_CONNECTABLE', 'CREDENTIAL_UNREADABLE'],
};

/** The link of `GET /v1/oauth/{provider}/authorize`, which is a route of Fastify and not of Nest. */
export const startPaths: ZodOpenApiPathsObject = {
  '/v1/oauth/start/{state}': {
    get: {
      ...common,
      operationId: 'oauthStartAsk',
      summary: 'Ask whether to connect an account',
      description: 'A page with a button. Nothing is changed by looking at it.',
      responses: {
        200: { description: 'The question.', content: { 'text/html': { schema: page } } },
        ...problemResponses({ ...refusals, 503: UNAVAILABLE }, { asPages: true }),
      },
    },
    post: {
      ...common,
      operationId: 'oauthStartGo',
      summary: 'Begin to connect an account',
      description: 'The button of the page: binds the link to this browser, and sends it to the page of the provider.',
      responses: {
        303: { description: "The provider's page." },
        ...problemResponses(
          {
            ...refusals,
            403: ['OAUTH_OTHER_SITE'],
            413: ['BODY_TOO_LARGE'],
            415: ['UNSUPPORTED_MEDIA_TYPE'],
            503: UNAVAILABLE,
          },
          { asPages: true },
        ),
      },
    },
  },
};

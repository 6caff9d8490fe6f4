import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { problemResponses } from '../platform/openapi/path-items.ts';

const path = z.object({
  mailKey: z.string().meta({ description: 'Names the mail.' }),
  signature: z.string().meta({ description: 'Says that the link is one of ours.' }),
});
const page = z.string().meta({ id: 'UnsubscribePage', description: 'A page for people.' });
const common = {
  tags: ['unsubscribe'],
  security: [],
  requestParams: { path },
} satisfies Partial<ZodOpenApiOperationObject>;
const pageOf = (description: string) => ({ description, content: { 'text/html': { schema: page } } });

/** The links in `List-Unsubscribe`, which are routes of Fastify and not of Nest. */
export const unsubscribePaths: ZodOpenApiPathsObject = {
  '/unsubscribe/{mailKey}/{signature}': {
    get: {
      ...common,
      operationId: 'unsubscribeAsk',
      summary: 'Ask whether to unsubscribe',
      description: 'A page with a button. Nothing is changed by looking at it.',
      responses: {
        200: pageOf('The question.'),
        ...problemResponses(
          {
            404: ['UNSUBSCRIBE_LINK_NOT_FOUND'],
            503: ['LOG_UNAVAILABLE', 'LOG_BUSY', 'SHUTTING_DOWN'],
          },
          { asPages: true },
        ),
      },
    },
    post: {
      ...common,
      operationId: 'unsubscribeConfirm',
      summary: 'Unsubscribe',
      description:
        'What mail programs call when one clicks on their “unsubscribe” (RFC 8058), and the button of the page; whatever the ' +
        'body, which they send as a form. The reader of the mail gets no more mail of the workspace about its topic.',
      responses: {
        200: pageOf('Done, or done before.'),
        ...problemResponses(
          {
            404: ['UNSUBSCRIBE_LINK_NOT_FOUND'],
            413: ['BODY_TOO_LARGE'],
            415: ['UNSUPPORTED_MEDIA_TYPE'],
            503: ['LOG_UNAVAILABLE', 'LOG_BUSY', 'SHUTTING_DOWN'],
          },
          { asPages: true },
        ),
      },
    },
  },
};

import { z } from 'zod';
import { anyJsonObject } from '#libs/node-kit';
import { pageQuery } from '../platform/http/page.ts';
import { MAX_VERSION } from '../platform/http/versions.ts';

const versionQuery = {
  version: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_VERSION)
    .optional()
    .meta({ description: 'Of the document. Default: the latest.' }),
};
const text = z
  .string()
  .min(1)
  .max(200)
  .refine((given) => !/[\p{Cc}\p{Cs}]/u.test(given), 'must not hold control characters');

export const listOperationsQuery = z.strictObject({
  ...pageQuery,
  ...versionQuery,
  q: text.optional().meta({ description: 'In the id, the path or the summary; letters of any case.', example: 'pet' }),
  tag: text.optional().meta({ example: 'pets' }),
});
export type ListOperationsQuery = z.output<typeof listOperationsQuery>;

export const getOperationQuery = z.strictObject(versionQuery);
export type GetOperationQuery = z.output<typeof getOperationQuery>;

/** Ids are of the document, and may hold anything but what no text holds. */
export const operationIdParam = text;

const listedFields = {
  operationId: z.string(),
  method: z.string(),
  path: z.string(),
  summary: z.string().nullable(),
  deprecated: z.boolean(),
  tags: z.array(z.string()).readonly(),
  inputSchema: anyJsonObject().meta({
    description: 'JSON Schema 2020-12 of `parameters`, `body` and `contentType` of a node `openapi.request`.',
  }),
};
const EXAMPLE = {
  ...{ operationId: 'getPet', method: 'GET', path: '/pets/{petId}', summary: 'Get a pet', deprecated: false, tags: [] },
  inputSchema: {
    type: 'object',
    properties: {
      parameters: {
        type: 'object',
        properties: { petId: { type: 'integer' } },
        required: ['petId'],
        additionalProperties: false,
      },
    },
    required: ['parameters'],
    additionalProperties: false,
  },
};

export const listedOperationView = z.object(listedFields).meta({
  id: 'OpenApiOperationSummary',
  description: 'An operation of an OpenAPI document.',
  examples: [EXAMPLE],
});
export type ListedOperationView = z.output<typeof listedOperationView>;

const parameter = z.object({
  key: z.string().meta({ description: 'What a node names it by.' }),
  name: z.string(),
  in: z.enum(['path', 'query', 'header', 'cookie']),
  required: z.boolean(),
});
const requirement = z.object({ name: z.string(), type: z.string() });
const problem = z.object({ path: z.string(), message: z.string() });

export const operationView = z
  .object({
    ...listedFields,
    description: z.string().nullable(),
    parameters: z.array(parameter).readonly(),
    contentTypes: z.array(z.string()).readonly().meta({ description: 'Of the body; none when it has no body.' }),
    security: z.array(z.array(requirement).readonly()).readonly().nullable().meta({
      description: 'Alternatives, each of schemes of which all must be met; null where the document says nothing.',
    }),
    credentialTypes: z
      .array(z.string())
      .readonly()
      .meta({ description: 'Types of credentials of which one can meet it.' }),
    servers: z.array(z.string()).readonly(),
    unchecked: z
      .array(problem)
      .readonly()
      .meta({ description: 'Inputs that are sent as they come, since their schema could not be checked safely.' }),
  })
  .meta({
    id: 'OpenApiOperation',
    description: 'An operation of an OpenAPI document, with all that is needed to call it.',
    examples: [
      {
        ...{ ...EXAMPLE, description: null, contentTypes: [], security: null, unchecked: [] },
        parameters: [{ key: 'petId', name: 'petId', in: 'path', required: true }],
        credentialTypes: ['http.basic', 'http.bearer', 'http.header'],
        servers: ['https://pets.example.com/v1'],
      },
    ],
  });
export type OperationView = z.output<typeof operationView>;

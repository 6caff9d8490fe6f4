import type { JsonObject, JsonValue, Problem } from '#libs/kernel';
import { anyJson, anyJsonObject } from '#libs/node-kit';
import { OPENAPI_LIMITS } from '#libs/openapi-documents';
import { z } from 'zod';
import { RESPONSE_MODES, type ResponseMode } from '../http-exchange/exchange.ts';
import { expectSchema, type ExpectedStatus } from '../http-request/expected-status.ts';

export interface OpenApiRequestConfig {
  readonly documentId: string;
  readonly version: number;
  readonly operationId: string;
  /** Instead of the document's first. */
  readonly server?: string | undefined;
  readonly parameters?: JsonObject | undefined;
  readonly body?: JsonValue | undefined;
  readonly contentType?: string | undefined;
  readonly credentialId?: string | undefined;
  readonly expect?: readonly ExpectedStatus[] | undefined;
  readonly response: ResponseMode;
  readonly idempotencyKey: boolean;
}

export const openApiRequestConfigSchema: z.ZodType<OpenApiRequestConfig> = z.strictObject({
  documentId: z
    .string()
    .min(1)
    .max(100)
    .meta({
      description: 'Of `/v1/openapi-documents`; no expression.',
      examples: ['oad_01k2x9q7nz0m4v8t3c6r5w1y2b3d'],
    }),
  version: z.int().min(1).max(2_147_483_647).meta({ description: 'Of the document; no expression.' }),
  operationId: z
    .string()
    .min(1)
    .max(OPENAPI_LIMITS.operationIdLength)
    .meta({ description: 'Which operation of the document; no expression.', examples: ['issues/create'] }),
  server: z
    .string()
    .min(1)
    .max(2_048)
    .optional()
    .meta({ description: 'A URL of the document or another. Default: the first whole one of the document.' }),
  parameters: anyJsonObject()
    .optional()
    .meta({
      description: 'Of path, query, headers and cookies, by name. Null is left out.',
      examples: [{ owner: 'octocat', repo: '{{ trigger.body.repo }}' }],
    }),
  body: anyJson().optional().meta({ description: 'As the document has it.' }),
  contentType: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({ description: 'Where the body may be sent as one of several. Default: JSON, else the first.' }),
  credentialId: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'The id of a credential that meets the security of the operation; no expression.' }),
  expect: expectSchema.optional().meta({ description: 'Statuses that are a success. Default: every 2xx.' }),
  response: z.enum(RESPONSE_MODES).default('auto'),
  idempotencyKey: z
    .boolean()
    .default(true)
    .meta({ description: 'Sends Idempotency-Key, the same for every attempt, unless the parameters have one.' }),
});

const LITERAL = ['documentId', 'version', 'operationId'] as const;

/** Which operation it is must be known without running it. */
export function checkOpenApiRequest(config: JsonObject): Problem[] {
  return LITERAL.flatMap((path) => {
    const value = config[path];
    const message = 'must be written as it is; an expression is not evaluated here';
    return typeof value === 'string' && value.includes('{{') ? [{ path, message }] : [];
  });
}

import { z } from 'zod';
import { anyJsonObject } from '#libs/node-kit';
import { pageQuery } from '../platform/http/page.ts';
import { line } from '../platform/http/request-schema.ts';

const EXAMPLE_DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '1' },
  servers: [{ url: 'https://pets.example.com/v1' }],
  paths: {
    '/pets/{petId}': {
      get: {
        operationId: 'getPet',
        summary: 'Get a pet',
        parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'integer' } }],
      },
    },
  },
};
const EXAMPLE_SUMMARY = {
  id: 'oad_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j',
  name: 'Pets',
  version: 1,
  createdAt: '2026-11-29T10:00:00.000Z',
  updatedAt: '2026-11-29T10:00:00.000Z',
};

export const writeDocumentBody = z
  .strictObject({
    name: line(1, 100).meta({ description: 'Unique in the workspace.', example: EXAMPLE_SUMMARY.name }),
    document: z.union([z.string(), anyJsonObject()]).meta({
      description: 'OpenAPI 3.0, 3.1 or 3.2: as an object, or as a text of JSON or YAML.',
      example: EXAMPLE_DOCUMENT,
    }),
  })
  .meta({
    id: 'WrittenOpenApiDocument',
    description: 'All of an OpenAPI document. The request has at most 16 MiB.',
    examples: [{ name: EXAMPLE_SUMMARY.name, document: EXAMPLE_DOCUMENT }],
  });
export type WriteDocumentBody = z.output<typeof writeDocumentBody>;

export const listDocumentsQuery = z.strictObject(pageQuery);
export type ListDocumentsQuery = z.output<typeof listDocumentsQuery>;

const version = z.int().min(1).meta({ description: 'From 1, without gaps.' });
const summaryFields = {
  id: z.string(),
  name: z.string(),
  version: version.meta({ description: 'The latest one.' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime().meta({ description: 'When the latest version was written.' }),
};

export const documentSummaryView = z.object(summaryFields).meta({
  id: 'OpenApiDocumentSummary',
  description: 'An OpenAPI document by its name.',
  examples: [EXAMPLE_SUMMARY],
});
export type DocumentSummaryView = z.output<typeof documentSummaryView>;

const server = z.object({
  url: z.string().meta({ description: 'Variables have their defaults. It may be relative.' }),
  description: z.string().nullable(),
});
const securityScheme = z
  .object({ name: z.string(), type: z.enum(['http', 'apiKey', 'oauth2', 'openIdConnect', 'mutualTLS']) })
  .meta({ description: 'A security scheme of the document.' });

const aboutFields = {
  format: z.enum(['json', 'yaml']),
  openapi: z.string().meta({ description: 'The version of OpenAPI.' }),
  title: z.string(),
  apiVersion: z.string().meta({ description: 'Of the API, as the document says.' }),
  servers: z.array(server).readonly(),
  securitySchemes: z.array(securityScheme).readonly(),
  operationCount: z.int(),
};
const EXAMPLE_ABOUT = {
  ...{ format: 'json' as const, openapi: '3.1.0', title: 'Pets', apiVersion: '1', operationCount: 1 },
  servers: [{ url: 'https://pets.example.com/v1', description: null }],
  securitySchemes: [],
};

export const documentView = z.object({ ...summaryFields, ...aboutFields }).meta({
  id: 'StoredOpenApiDocument',
  description: 'An OpenAPI document at its latest version.',
  examples: [{ ...EXAMPLE_SUMMARY, ...EXAMPLE_ABOUT }],
});
export type DocumentView = z.output<typeof documentView>;

const versionFields = { version, name: z.string(), createdAt: z.iso.datetime() };
const EXAMPLE_VERSION = { version: 1, name: EXAMPLE_SUMMARY.name, createdAt: EXAMPLE_SUMMARY.createdAt };

export const documentVersionSummaryView = z.object(versionFields).meta({
  id: 'OpenApiDocumentVersionSummary',
  description: 'A version of an OpenAPI document.',
  examples: [EXAMPLE_VERSION],
});
export type DocumentVersionSummaryView = z.output<typeof documentVersionSummaryView>;

export const documentVersionView = z.object({ ...versionFields, ...aboutFields }).meta({
  id: 'OpenApiDocumentVersion',
  description: 'A version of an OpenAPI document. It never changes.',
  examples: [{ ...EXAMPLE_VERSION, ...EXAMPLE_ABOUT }],
});
export type DocumentVersionView = z.output<typeof documentVersionView>;

import type { JsonObject } from '#libs/kernel';

/** A small document of 3.1 with a bit of everything. */
export const PET_STORE = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '2026-11' },
  servers: [
    { url: 'https://{region}.pets.example.com/v1', variables: { region: { default: 'eu' } } },
    { url: 'https://test.pets.example.com', description: 'For tries' },
  ],
  security: [{ bearer: [] }, { basic: [] }],
  tags: [{ name: 'pets' }],
  paths: {
    '/pets': {
      parameters: [{ $ref: '#/components/parameters/Trace' }],
      get: {
        operationId: 'listPets',
        summary: 'List the pets',
        tags: ['pets'],
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } },
          { name: 'tags', in: 'query', schema: { type: 'array', items: { type: 'string' } }, explode: false },
          { name: 'filter', in: 'query', style: 'deepObject', schema: { $ref: '#/components/schemas/Filter' } },
          { name: 'where', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } },
          { name: 'seen', in: 'cookie', schema: { type: 'string' } },
          { name: 'Authorization', in: 'header', schema: { type: 'string' } },
        ],
        responses: { 200: { description: 'They are.' } },
      },
      post: {
        operationId: 'createPet',
        tags: ['pets'],
        requestBody: { $ref: '#/components/requestBodies/Pet' },
        security: [{ key: [] }, { login: ['write'] }],
        responses: { 201: { description: 'It is.' } },
      },
    },
    '/pets/{petId}': {
      get: { parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'integer' } }], security: [] },
      delete: { operationId: 'deletePet', deprecated: true, servers: [{ url: 'https://admin.pets.example.com' }] },
    },
    '/pets/{petId}/photo': {
      put: {
        operationId: 'putPhoto',
        requestBody: {
          required: true,
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                properties: { title: { type: 'string' }, photo: { type: 'string', format: 'binary' } },
                required: ['photo'],
              },
            },
            'image/*': { schema: { type: 'string', format: 'binary' } },
          },
        },
      },
    },
  },
  components: {
    parameters: { Trace: { name: 'X-Trace', in: 'header', schema: { type: 'string' } } },
    requestBodies: {
      Pet: {
        required: true,
        content: {
          'application/x-www-form-urlencoded': { schema: { $ref: '#/components/schemas/Pet' } },
          'application/json; charset=utf-8': { schema: { $ref: '#/components/schemas/Pet' } },
        },
      },
    },
    schemas: {
      Filter: { type: 'object', properties: { kind: { enum: ['cat', 'dog'] }, age: { type: 'object' } } },
      Pet: {
        type: 'object',
        properties: {
          id: { type: 'integer', readOnly: true },
          name: { type: 'string', minLength: 1 },
          born: { type: ['string', 'null'], format: 'date' },
          parents: { type: 'array', items: { $ref: '#/components/schemas/Pet' }, maxItems: 2 },
        },
        required: ['id', 'name'],
        additionalProperties: false,
      },
      Unused: { type: 'object' },
    },
    securitySchemes: {
      basic: { type: 'http', scheme: 'Basic' },
      bearer: { type: 'http', scheme: 'bearer' },
      key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      queryKey: { type: 'apiKey', in: 'query', name: 'key' },
      cookieKey: { type: 'apiKey', in: 'cookie', name: 'session' },
      login: { type: 'oauth2', flows: {} },
    },
  },
} as const satisfies JsonObject;

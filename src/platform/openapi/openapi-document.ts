import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { createDocument, type CreateDocumentOptions, type ZodOpenApiPathsObject } from 'zod-openapi';
import { InvariantError, type JsonObject } from '#libs/kernel';
import type { Config } from '../../config/config.ts';
import { VERSION } from '../../version.ts';
import { DeclaredRoutes } from '../routes/declared-routes.ts';
import { CONFIG } from '../tokens.ts';
import { OPERATION } from './operation.ts';
import { BEARER, openApiPathOf, operationOf } from './path-items.ts';

/** Paths that are no routes of Nest, told by whoever serves them. */
export const OTHER_PATHS = Symbol('OtherPaths');

const DESCRIPTION = `
Automations as graphs of nodes, run event by event.

- Errors are \`application/problem+json\` (RFC 9457); programs look at \`code\`. A fault of ours is a 500 whose \`instance\` names the request.
- Lists take \`limit\` and \`cursor\`, and answer \`items\` and \`nextCursor\`, newest first unless said otherwise.
- Instants are ISO 8601 in UTC with milliseconds; durations end in \`Ms\`. Fields may be added to answers.
- \`x-permission\` of an operation says what the caller's role must grant.
`.trim();

/** `/openapi.json`: OpenAPI 3.1, made of what the routes declare and of the schemas that validate their requests. */
@Injectable()
export class OpenApiDocument implements OnModuleInit {
  #document: JsonObject | undefined;

  constructor(
    private readonly routes: DeclaredRoutes,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OTHER_PATHS) private readonly otherPaths: ZodOpenApiPathsObject,
  ) {}

  /** Refuses the start when a route does not say what it answers. */
  onModuleInit(): void {
    const silent = this.routes
      .all()
      .filter((route) => route.metadata(OPERATION) === undefined)
      .map(({ controller, handlerName }) => `${controller}.${handlerName}`);
    if (silent.length > 0) throw new InvariantError(`routes without @Operation(): ${silent.join(', ')}`);
  }

  /** Made when it is first asked for: most processes never are. */
  get(): JsonObject {
    this.#document ??= this.#create();
    return this.#document;
  }

  #create(): JsonObject {
    const document = createDocument(
      {
        openapi: '3.1.0',
        info: {
          title: 'Millrace',
          version: VERSION,
          description: DESCRIPTION,
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: this.config.http.publicUrl }],
        components: {
          securitySchemes: {
            [BEARER]: { type: 'http', scheme: 'bearer', description: 'An access token of a login, or an API key.' },
          },
        },
        paths: { ...this.#paths(), ...this.otherPaths },
      },
      OPTIONS,
    );
    return JSON.parse(JSON.stringify(document)) as JsonObject;
  }

  #paths(): ZodOpenApiPathsObject {
    const byPath = Object.groupBy(this.routes.all(), ({ path }) => openApiPathOf(path));
    return Object.fromEntries(
      Object.entries(byPath).map(([path, routes = []]) => [
        path,
        Object.fromEntries(routes.map((route) => [route.method.toLowerCase(), operationOf(route)])),
      ]),
    );
  }
}

const OPTIONS: CreateDocumentOptions = {
  // What is JSON of any shape is checked by hand, see anyJson of libs/node-kit.
  allowEmptySchema: { custom: true },
  // Callers must expect fields that are added later.
  override: ({ jsonSchema, io }) => {
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  },
};

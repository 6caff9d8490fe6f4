import { Module, type DynamicModule } from '@nestjs/common';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { OpenApiController } from './openapi.controller.ts';
import { OpenApiDocument, OTHER_PATHS } from './openapi-document.ts';

/** `/openapi.json` and `/docs`. */
@Module({})
export class OpenApiModule {
  static forRoot(otherPaths: ZodOpenApiPathsObject): DynamicModule {
    return {
      module: OpenApiModule,
      controllers: [OpenApiController],
      providers: [OpenApiDocument, { provide: OTHER_PATHS, useValue: otherPaths }],
      exports: [OpenApiDocument],
    };
  }
}

import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { WorkflowUsage } from '../read-models/workflow-usage.ts';
import { DeleteDocument } from './delete-document.ts';
import { OpenApiDocumentStoreModule } from './openapi-document-store.module.ts';
import { OpenApiDocumentsController } from './openapi-documents.controller.ts';
import { OpenApiOperationsController } from './openapi-operations.controller.ts';
import { ReadOperations } from './read-operations.ts';
import { WriteDocument } from './write-document.ts';

/** OpenAPI documents of the role `api`. */
@Module({})
export class OpenApiDocumentsModule {
  /** `usage` knows which workflows need a document. */
  static forRoot(usage: Type<WorkflowUsage>): DynamicModule {
    return {
      module: OpenApiDocumentsModule,
      imports: [OpenApiDocumentStoreModule],
      controllers: [OpenApiDocumentsController, OpenApiOperationsController],
      providers: [WriteDocument, DeleteDocument, ReadOperations, { provide: WorkflowUsage, useClass: usage }],
    };
  }
}

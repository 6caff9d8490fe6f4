import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { WorkflowUsage } from '../read-models/workflow-usage.ts';
import { DeleteTemplate } from './delete-template.ts';
import { EmailTemplateStoreModule } from './email-template-store.module.ts';
import { EmailTemplateVersionsController } from './email-template-versions.controller.ts';
import { EmailTemplatesController } from './email-templates.controller.ts';
import { PreviewTemplate } from './preview-template.ts';
import { WriteTemplate } from './write-template.ts';

/** Email templates of the role `api`. */
@Module({})
export class EmailTemplatesModule {
  /** `usage` knows which workflows need a template. */
  static forRoot(usage: Type<WorkflowUsage>): DynamicModule {
    return {
      module: EmailTemplatesModule,
      imports: [EmailTemplateStoreModule],
      controllers: [EmailTemplatesController, EmailTemplateVersionsController],
      providers: [WriteTemplate, DeleteTemplate, PreviewTemplate, { provide: WorkflowUsage, useClass: usage }],
    };
  }
}

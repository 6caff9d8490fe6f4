import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { EmailTemplateId, WorkspaceId } from '#libs/kernel';
import { noteChange } from '../platform/audit/change-notes.ts';
import { inUse, WorkflowUsage } from '../read-models/workflow-usage.ts';
import { StoredTemplate } from './email-templates.entities.ts';
import { templateNotFound, templateSummary } from './template-view.ts';

@Injectable()
export class DeleteTemplate {
  constructor(
    private readonly em: EntityManager,
    private readonly usage: WorkflowUsage,
  ) {}

  /** Throws `EMAIL_TEMPLATE_IN_USE`. A workflow activated in the same moment may lose its template and then says so when it runs. */
  async execute(workspaceId: WorkspaceId, id: EmailTemplateId): Promise<void> {
    const em = this.em.fork();
    const before = await em.findOne(StoredTemplate, { id, workspaceId });
    if (!before) throw templateNotFound(id);
    const workflows = await this.usage.workflowsUsing(workspaceId, { kind: 'emailTemplate', id });
    if (workflows.length > 0) throw inUse('EMAIL_TEMPLATE_IN_USE', 'email template', workflows);
    const deleted = await em.nativeDelete(StoredTemplate, { id, workspaceId });
    if (deleted === 0) throw templateNotFound(id);
    const { name, latestVersion: version } = before;
    noteChange({ before: templateSummary({ name, version }), after: null });
  }
}

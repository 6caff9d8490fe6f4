import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type WebhookId } from '#libs/kernel';
import { findWebhook, findWorkflow, type Database, type WorkflowRecord } from '#libs/read-models';
import { noteChange } from '../platform/audit/change-notes.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { ChangeWorkflow, type Author } from './change-workflow.ts';
import { ReadWebhooks } from './read-webhooks.ts';
import type { WebhookView } from './webhook-view.ts';

/** A webhook gets another URL. */
@Injectable()
export class RotateWebhook {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly changeWorkflow: ChangeWorkflow,
    private readonly readWebhooks: ReadWebhooks,
  ) {}

  /** `visible`: the new URL answers, and reads show it. */
  async rotate(
    author: Author,
    webhookId: WebhookId,
    graceMs: number,
  ): Promise<{ readonly webhook: WebhookView; readonly visible: boolean }> {
    const { workspaceId } = author;
    const found = await findWebhook(this.database, workspaceId, webhookId);
    const workflow = found && (await findWorkflow(this.database, workspaceId, found.workflowId));
    // Of a node that is in no version that counts, nobody is shown a URL.
    if (!workflow || !(await this.#viewIn(workflow, webhookId))) throw webhookNotFound(webhookId);
    const { record, visible } = await this.changeWorkflow.rotate(author, found, graceMs);
    const webhook = await this.#viewIn(record, webhookId);
    noteChange({ target: webhookId, before: null, after: { workflowId: record.id, graceMs } });
    if (!webhook) throw webhookNotFound(webhookId);
    return { webhook, visible };
  }

  async #viewIn(record: WorkflowRecord, webhookId: string): Promise<WebhookView | undefined> {
    return (await this.readWebhooks.of(record)).find(({ id }) => id === webhookId);
  }
}

function webhookNotFound(webhookId: string): MillraceError {
  return new MillraceError('notFound', 'WEBHOOK_NOT_FOUND', `there is no webhook ${webhookId}`);
}

import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type WebhookId } from '#libs/kernel';
import { findWebhook, findWorkflow, type Database, type WorkflowRecord } from '#libs/read-models';
import { noteChange } from '../platform/audit/change-notes.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { ChangeWorkflow, type Author } from './change-workflow.ts';
import type { EndpointKind } from './endpoints-of.ts';

/** How endpoints of one kind are shown. */
export interface EndpointReader<View extends { readonly id: string }> {
  readonly kind: EndpointKind;
  of(record: WorkflowRecord): Promise<View[]>;
  /** What is thrown where there is none with this id. */
  missing(id: string): MillraceError;
}

/** A webhook gets another URL, a mail trigger another address. */
@Injectable()
export class RotateEndpoint {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly changeWorkflow: ChangeWorkflow,
  ) {}

  /** `visible`: the new one answers, and reads show it. */
  async rotate<View extends { readonly id: string }>(
    reader: EndpointReader<View>,
    author: Author,
    { id, graceMs }: { readonly id: WebhookId; readonly graceMs: number },
  ): Promise<{ readonly endpoint: View; readonly visible: boolean }> {
    const { workspaceId } = author;
    const viewIn = async (record: WorkflowRecord): Promise<View | undefined> =>
      (await reader.of(record)).find((view) => view.id === id);
    const found = await findWebhook(this.database, workspaceId, id);
    const workflow = found && (await findWorkflow(this.database, workspaceId, found.workflowId));
    // Of a node that is in no version that counts, nobody is shown anything.
    if (!workflow || !(await viewIn(workflow))) throw reader.missing(id);
    const { record, visible } = await this.changeWorkflow.rotate(author, { ...found, kind: reader.kind }, graceMs);
    const endpoint = await viewIn(record);
    noteChange({ target: id, before: null, after: { workflowId: record.id, graceMs } });
    if (!endpoint) throw reader.missing(id);
    return { endpoint, visible };
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '#libs/event-sourcing';
import { MillraceError, toInstant, type Clock, type WorkflowId, type WorkspaceId } from '#libs/kernel';
import type { WorkflowRecord } from '#libs/read-models';
import { readImport, type Publication, type WorkflowDefinition } from '#libs/workflow-definition';
import { CLOCK } from '../platform/tokens.ts';
import { CheckDefinition, type DefinitionSource } from './check-definition.ts';
import type { EndpointKind } from './endpoints-of.ts';
import { NewEndpoints } from './new-endpoints.ts';
import { Visibility } from './visibility.ts';
import { WorkflowJournal, type ChangedWorkflow } from './workflow-journal.ts';

/** Who changes something, and where. */
export interface Author {
  readonly workspaceId: WorkspaceId;
  readonly actor: Actor;
}

export interface WorkflowChange {
  readonly record: WorkflowRecord;
  /** False when the read models did not show the change in time: it is stored, and reads will see it later. */
  readonly visible: boolean;
}

/** Everything that changes a workflow: check what came, decide, append, wait until reads see it. */
@Injectable()
export class ChangeWorkflow {
  constructor(
    private readonly journal: WorkflowJournal,
    private readonly visibility: Visibility,
    private readonly checkDefinition: CheckDefinition,
    private readonly newEndpoints: NewEndpoints,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Under an id that is there already, because the same request came before, nothing is changed. */
  create(author: Author, workflowId: WorkflowId, definition: unknown): Promise<WorkflowChange> {
    return this.#create(author, workflowId, { definition });
  }

  /** An export of this installation or another, or a bare definition. */
  async importFrom(author: Author, workflowId: WorkflowId, body: unknown): Promise<WorkflowChange> {
    const read = readImport(body);
    if (read.kind === 'read') return this.#create(author, workflowId, read);
    const { problems } = read;
    throw new MillraceError('malformed', 'INVALID_REQUEST', 'this is not an export of a workflow', { problems });
  }

  async publish(
    author: Author,
    workflowId: WorkflowId,
    changed: { readonly definition: unknown; readonly expectedVersion: number },
  ): Promise<WorkflowChange> {
    const { definition, expectedVersion } = changed;
    const publication = await this.#publicationOf(author, { definition });
    const target = { ...author, workflowId };
    return this.#shown(await this.journal.change(target, { type: 'PublishVersion', publication, expectedVersion }));
  }

  /** Without a version: the latest. What the version names must still be there. */
  async activate(author: Author, workflowId: WorkflowId, version?: number): Promise<WorkflowChange> {
    const command = { type: 'ActivateWorkflow', ...(version === undefined ? {} : { version }) } as const;
    const ensure = (definition: WorkflowDefinition): Promise<void> =>
      this.checkDefinition.ensureActivatable(author.workspaceId, definition);
    return this.#shown(await this.journal.change({ ...author, workflowId }, command, ensure));
  }

  async deactivate(author: Author, workflowId: WorkflowId): Promise<WorkflowChange> {
    return this.#shown(await this.journal.change({ ...author, workflowId }, { type: 'DeactivateWorkflow' }));
  }

  async archive(author: Author, workflowId: WorkflowId): Promise<WorkflowChange> {
    return this.#shown(await this.journal.change({ ...author, workflowId }, { type: 'ArchiveWorkflow' }));
  }

  /** Its URL or address gets a fresh token; the one of before works for `graceMs` more. */
  async rotate(
    author: Author,
    endpoint: { readonly workflowId: string; readonly webhookId: string; readonly kind: EndpointKind },
    graceMs: number,
  ): Promise<WorkflowChange> {
    const { workflowId, webhookId, kind } = endpoint;
    const grace = graceMs > 0 ? { graceUntil: toInstant(this.clock.nowMs() + graceMs) } : {};
    const command = { type: 'RotateWebhook', webhookId, token: this.newEndpoints.tokenFor(kind), ...grace } as const;
    return this.#shown(await this.journal.change({ ...author, workflowId }, command));
  }

  async #create(author: Author, workflowId: WorkflowId, source: DefinitionSource): Promise<WorkflowChange> {
    const publication = await this.#publicationOf(author, source);
    return this.#shown(await this.journal.create({ ...author, workflowId }, publication));
  }

  async #publicationOf({ workspaceId }: Author, source: DefinitionSource): Promise<Publication> {
    const accepted = await this.checkDefinition.accept(workspaceId, source);
    return { ...accepted, endpoints: this.newEndpoints.for(accepted.definition) };
  }

  async #shown(changed: ChangedWorkflow): Promise<WorkflowChange> {
    return { record: changed.record, visible: await this.visibility.of(changed) };
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '#libs/event-sourcing';
import { MillraceError, type IdSource, type WorkflowId, type WorkspaceId } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import type { WorkflowRecord } from '#libs/read-models';
import {
  parseDefinition,
  type Endpoint,
  type WorkflowCommand,
  type WorkflowDefinition,
} from '#libs/workflow-definition';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { ID_SOURCE } from '../platform/tokens.ts';
import { Visibility } from './visibility.ts';
import { WorkflowJournal } from './workflow-journal.ts';

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

/** 18 bytes are 144 bits: a webhook's URL can't be guessed. */
const TOKEN_BYTES = 18;

/** Everything that changes a workflow: parse what came, decide, append, wait until reads see it. */
@Injectable()
export class ChangeWorkflow {
  constructor(
    private readonly journal: WorkflowJournal,
    private readonly visibility: Visibility,
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  /** Under an id that exists already, because the same request came before, nothing is changed. */
  async create(author: Author, workflowId: WorkflowId, input: unknown): Promise<WorkflowChange> {
    const definition = this.#parse(input);
    const { workspaceId } = author;
    const endpoints = this.#endpointsFor(definition);
    return this.#change(author, workflowId, { type: 'CreateWorkflow', workspaceId, definition, endpoints });
  }

  async publish(
    author: Author,
    workflowId: WorkflowId,
    changed: { input: unknown; expectedVersion: number },
  ): Promise<WorkflowChange> {
    const definition = this.#parse(changed.input);
    const { expectedVersion } = changed;
    const endpoints = this.#endpointsFor(definition);
    return this.#change(author, workflowId, { type: 'PublishVersion', definition, endpoints, expectedVersion });
  }

  /** Without a version: the latest. */
  async activate(author: Author, workflowId: WorkflowId, version?: number): Promise<WorkflowChange> {
    return this.#change(author, workflowId, {
      type: 'ActivateWorkflow',
      ...(version === undefined ? {} : { version }),
    });
  }

  async deactivate(author: Author, workflowId: WorkflowId): Promise<WorkflowChange> {
    return this.#change(author, workflowId, { type: 'DeactivateWorkflow' });
  }

  #parse(input: unknown): WorkflowDefinition {
    const parsed = parseDefinition(input, this.nodeTypes);
    if (parsed.kind === 'accepted') return parsed.definition;
    const { problems } = parsed;
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    throw new MillraceError('refused', 'INVALID_WORKFLOW', `the workflow has ${count}`, { problems });
  }

  #endpointsFor({ nodes }: WorkflowDefinition): Endpoint[] {
    return nodes
      .filter((node) => node.type === 'trigger.webhook')
      .map((node) => ({
        webhookId: this.ids.newId('webhook'),
        nodeId: node.id,
        token: this.ids.newToken(TOKEN_BYTES),
      }));
  }

  async #change(author: Author, workflowId: WorkflowId, command: WorkflowCommand): Promise<WorkflowChange> {
    const { record, sequence } = await this.journal.change({ ...author, workflowId }, command);
    return { record, visible: await this.visibility.of(record, sequence) };
  }
}

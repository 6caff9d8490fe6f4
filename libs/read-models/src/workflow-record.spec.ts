import type { WorkflowDefinition, WorkflowEvent } from '#libs/workflow-definition';
import { projectWorkflow, type WorkflowRecord } from './workflow-record.ts';

const at = (second: number): string => `2026-11-23T10:00:0${second}.000Z`;
const definitionOf = (name: string): WorkflowDefinition => ({
  name,
  nodes: [],
  connections: [],
  settings: { priority: 'normal' },
});
const endpoint = { webhookId: 'wh_1', nodeId: 'hook', token: 'token' };
const created: WorkflowEvent = { type: 'WorkflowCreated', data: { workspaceId: 'ws_1' } };
const published = (version: number, newEndpoints = [] as (typeof endpoint)[]): WorkflowEvent => ({
  type: 'WorkflowVersionPublished',
  data: { version, definition: definitionOf(`v${version}`), newEndpoints },
});

/** The record after the events, each a second after the one before. */
function project(...events: WorkflowEvent[]): WorkflowRecord {
  const record = events.reduce<WorkflowRecord | undefined>(
    (before, event, index) => projectWorkflow(before, event, { workflowId: 'wf_1', version: index + 1, at: at(index) }),
    undefined,
  );
  if (!record) throw new Error('no events');
  return record;
}

describe('the record of a workflow', () => {
  it('holds the first version, not active, with the endpoints of its webhooks', () => {
    expect(project(created, published(1, [endpoint]))).toEqual({
      id: 'wf_1',
      workspaceId: 'ws_1',
      name: 'v1',
      latestVersion: 1,
      activeVersion: null,
      definition: definitionOf('v1'),
      warnings: [],
      endpoints: [{ ...endpoint, createdAt: at(1) }],
      createdAt: at(0),
      updatedAt: at(1),
      archivedAt: null,
      revision: 2,
      versionRevision: 2,
    });
  });

  it('holds the latest version and all endpoints that there ever were', () => {
    const second = { ...endpoint, webhookId: 'wh_2', nodeId: 'second' };
    expect(project(created, published(1, [endpoint]), published(2, [second]))).toMatchObject({
      name: 'v2',
      latestVersion: 2,
      definition: definitionOf('v2'),
      endpoints: [
        { nodeId: 'hook', createdAt: at(1) },
        { nodeId: 'second', createdAt: at(2) },
      ],
      updatedAt: at(2),
      revision: 3,
    });
  });

  it('tells which version is active, whatever is published then', () => {
    const activated: WorkflowEvent = { type: 'WorkflowActivated', data: { version: 1 } };
    expect(project(created, published(1), activated)).toMatchObject({
      activeVersion: 1,
      updatedAt: at(2),
      revision: 3,
    });
    expect(project(created, published(1), activated, published(2))).toMatchObject({
      activeVersion: 1,
      latestVersion: 2,
    });
    const deactivated: WorkflowEvent = { type: 'WorkflowDeactivated', data: {} };
    expect(project(created, published(1), activated, deactivated)).toMatchObject({ activeVersion: null, revision: 4 });
  });

  it('tells how far back its latest version was published', () => {
    const activated: WorkflowEvent = { type: 'WorkflowActivated', data: { version: 1 } };
    expect(project(created, published(1), activated)).toMatchObject({ versionRevision: 2, revision: 3 });
    expect(project(created, published(1), activated, published(2))).toMatchObject({ versionRevision: 4, revision: 4 });
  });

  it('has the token that a webhook was rotated to, and those that work besides', () => {
    const rotated: WorkflowEvent = {
      type: 'WebhookRotated',
      data: { webhookId: 'wh_1', token: 'b', graceUntil: at(9) },
    };
    expect(project(created, published(1, [endpoint]), rotated)).toMatchObject({
      endpoints: [{ ...endpoint, token: 'b', earlier: [{ token: 'token', until: at(9) }], createdAt: at(1) }],
      updatedAt: at(2),
      revision: 3,
      versionRevision: 2,
    });
  });

  it('has the warnings of the latest version alone', () => {
    const warnings = [{ path: 'nodes[0]', message: 'never runs' }];
    const data = { version: 1, definition: definitionOf('v1'), newEndpoints: [], warnings };
    const first: WorkflowEvent = { type: 'WorkflowVersionPublished', data };
    expect(project(created, first)).toMatchObject({ warnings });
    expect(project(created, first, published(2))).toMatchObject({ warnings: [] });
  });

  it('knows since when it is archived', () => {
    expect(project(created, published(1), { type: 'WorkflowArchived', data: {} })).toMatchObject({
      archivedAt: at(2),
      updatedAt: at(2),
      revision: 3,
    });
  });

  it('begins with the creation', () => {
    expect(() => project(published(1))).toThrow('before WorkflowCreated');
  });

  it('survives JSON', () => {
    const record = project(created, published(1, [endpoint]));
    expect(JSON.parse(JSON.stringify(record))).toStrictEqual(record);
  });
});

import fc from 'fast-check';
import { deciderSpecification } from '#libs/event-sourcing/testing';
import type { WorkflowDefinition } from '../definition.ts';
import { workflowDecider, type Publication, type WorkflowCommand, type WorkflowState } from './workflow-decider.ts';
import { workflowEventSchema, type Endpoint, type WorkflowEvent } from './workflow-events.ts';

const AT = '2026-11-23T10:00:00.000Z';
const { given, fold } = deciderSpecification(workflowDecider, undefined, AT);

const definitionOf = (name: string): WorkflowDefinition => ({
  name,
  nodes: [{ id: 'hook', type: 'trigger.webhook', config: {} }],
  connections: [],
  settings: { priority: 'normal' },
});
const endpointOf = (nodeId: string, token = `token-of-${nodeId}`): Endpoint => ({
  webhookId: `wh_${nodeId}`,
  nodeId,
  token,
});

const created: WorkflowEvent = { type: 'WorkflowCreated', data: { workspaceId: 'ws_1' } };
const published = (version: number, ...newEndpoints: Endpoint[]): WorkflowEvent => ({
  type: 'WorkflowVersionPublished',
  data: { version, definition: definitionOf(`v${version}`), newEndpoints, contentHash: `hash of v${version}` },
});
const activated = (version: number): WorkflowEvent => ({ type: 'WorkflowActivated', data: { version } });
const deactivated: WorkflowEvent = { type: 'WorkflowDeactivated', data: {} };
const archived: WorkflowEvent = { type: 'WorkflowArchived', data: {} };

const publicationOf = (name: string, endpoints: readonly Endpoint[]): Publication => ({
  definition: definitionOf(name),
  contentHash: `hash of ${name}`,
  warnings: [],
  endpoints,
});
const create: WorkflowCommand = {
  type: 'CreateWorkflow',
  workspaceId: 'ws_1',
  publication: publicationOf('v1', [endpointOf('hook')]),
};
const publish = (expectedVersion: number, ...endpoints: Endpoint[]): WorkflowCommand => ({
  type: 'PublishVersion',
  publication: publicationOf(`v${expectedVersion + 1}`, endpoints),
  expectedVersion,
});
const activate = (version?: number): WorkflowCommand => ({
  type: 'ActivateWorkflow',
  ...(version === undefined ? {} : { version }),
});
const deactivate: WorkflowCommand = { type: 'DeactivateWorkflow' };
const rotate = (token: string, graceUntil?: string): WorkflowCommand => ({
  type: 'RotateWebhook',
  webhookId: 'wh_hook',
  token,
  ...(graceUntil === undefined ? {} : { graceUntil }),
});
const rotated = (token: string, graceUntil?: string): WorkflowEvent => ({
  type: 'WebhookRotated',
  data: { webhookId: 'wh_hook', token, ...(graceUntil === undefined ? {} : { graceUntil }) },
});
const archive: WorkflowCommand = { type: 'ArchiveWorkflow' };

const first = [created, published(1, endpointOf('hook'))];

describe('creating a workflow', () => {
  it('publishes its first version, with an endpoint for each webhook', () => {
    given([]).when(create).then(first);
  });

  it('happens once', () => {
    given(first).when(create).thenNothing();
  });

  it.each([publish(0), activate(), deactivate, archive])('comes before %j', (command) => {
    given([]).when(command).thenRefused('WORKFLOW_NOT_FOUND');
  });
});

describe('rotating a webhook', () => {
  const LATER = '2026-11-23T11:00:00.000Z';
  const MUCH_LATER = '2026-11-24T10:00:00.000Z';
  const endpointsAfter = (...events: readonly WorkflowEvent[]) => {
    const state = fold([...first, ...events]);
    return state.status === 'present' ? state.endpoints : undefined;
  };

  it('gives it the token, and the one of before a time if there is one', () => {
    given(first)
      .when(rotate('b'))
      .then([rotated('b')]);
    given(first)
      .when(rotate('b', LATER))
      .then([rotated('b', LATER)]);
  });

  it('to the token that it has is nothing', () => {
    given([...first, rotated('b')])
      .when(rotate('b', LATER))
      .thenNothing();
  });

  it('needs the webhook, and its workflow', () => {
    given(first).when({ type: 'RotateWebhook', webhookId: 'wh_other', token: 'b' }).thenRefused('WEBHOOK_NOT_FOUND');
    given([]).when(rotate('b')).thenRefused('WEBHOOK_NOT_FOUND');
    given([...first, archived])
      .when(rotate('b'))
      .thenRefused('WEBHOOK_NOT_FOUND');
  });

  it('leaves earlier tokens their time, unless none is given to the last one', () => {
    const hook = endpointOf('hook');
    expect(endpointsAfter(rotated('b'))).toEqual([{ ...hook, token: 'b' }]);
    const twice = [rotated('b', MUCH_LATER), rotated('c', LATER)];
    expect(endpointsAfter(...twice)).toEqual([
      {
        ...hook,
        token: 'c',
        earlier: [
          { token: hook.token, until: MUCH_LATER },
          { token: 'b', until: LATER },
        ],
      },
    ]);
    expect(endpointsAfter(...twice, rotated('d'))).toEqual([{ ...hook, token: 'd' }]);
  });

  it('forgets those whose time is over', () => {
    expect(endpointsAfter(rotated('b', '2026-11-23T09:00:00.000Z'), rotated('c', LATER))).toEqual([
      { ...endpointOf('hook'), token: 'c', earlier: [{ token: 'b', until: LATER }] },
    ]);
  });

  it('leaves other webhooks alone, and lasts through versions', () => {
    const second = endpointOf('second');
    expect(endpointsAfter(published(2, second), rotated('b'), published(3))).toEqual([
      { ...endpointOf('hook'), token: 'b' },
      second,
    ]);
  });
});

describe('publishing', () => {
  it('gives the next version', () => {
    given(first)
      .when(publish(1))
      .then([published(2)]);
  });

  it('keeps the endpoint of a webhook that was there, and adds those of new ones', () => {
    given(first)
      .when(publish(1, endpointOf('hook', 'another token'), endpointOf('second')))
      .then([published(2, endpointOf('second'))]);
  });

  it('keeps the endpoint of a webhook that was away for a version', () => {
    given([...first, published(2)])
      .when(publish(2, endpointOf('hook', 'another token')))
      .then([published(3)]);
  });

  it.each([0, 2])('is refused to someone who has seen version %d last, when there is 1', (expectedVersion) => {
    given(first).when(publish(expectedVersion)).thenRefused('WORKFLOW_CHANGED');
  });

  it('leaves the active version as it is', () => {
    expect(fold([...first, activated(1), published(2)])).toMatchObject({ latestVersion: 2, activeVersion: 1 });
  });
});

describe('publishing what is there already', () => {
  const again = (name: string, expectedVersion: number): WorkflowCommand => ({
    type: 'PublishVersion',
    publication: publicationOf(name, [endpointOf('hook', 'another token')]),
    expectedVersion,
  });

  it('as the latest version changes nothing', () => {
    given(first).when(again('v1', 1)).thenNothing();
  });

  it('as an older version makes a new one', () => {
    const { definition, contentHash } = publicationOf('v1', []);
    given([...first, published(2)])
      .when(again('v1', 2))
      .then([{ type: 'WorkflowVersionPublished', data: { version: 3, definition, newEndpoints: [], contentHash } }]);
  });

  it('is refused to someone who has seen an older version last', () => {
    given([...first, published(2)])
      .when(again('v2', 1))
      .thenRefused('WORKFLOW_CHANGED');
  });

  it('makes a new version when the latest has no hash yet', () => {
    const { definition, contentHash } = publicationOf('v1', []);
    const unhashed: WorkflowEvent = {
      type: 'WorkflowVersionPublished',
      data: { version: 1, definition, newEndpoints: [endpointOf('hook')] },
    };
    given([created, unhashed])
      .when(again('v1', 1))
      .then([{ type: 'WorkflowVersionPublished', data: { version: 2, definition, newEndpoints: [], contentHash } }]);
  });
});

describe('warnings', () => {
  it('are recorded with the version that they are about', () => {
    const warnings = [{ path: 'nodes[1]', message: 'never runs' }];
    const publication = { ...publicationOf('v2', []), warnings };
    const { definition, contentHash } = publication;
    given(first)
      .when({ type: 'PublishVersion', publication, expectedVersion: 1 })
      .then([
        {
          type: 'WorkflowVersionPublished',
          data: { version: 2, definition, newEndpoints: [], contentHash, warnings },
        },
      ]);
  });
});

describe('activating', () => {
  it('takes the latest version', () => {
    given([...first, published(2)])
      .when(activate())
      .then([activated(2)]);
  });

  it('takes an older one when told, which is a rollback', () => {
    given([...first, published(2), activated(2)])
      .when(activate(1))
      .then([activated(1)]);
  });

  it('of what is active changes nothing', () => {
    given([...first, activated(1)])
      .when(activate())
      .thenNothing();
  });

  it.each([2, 0, -1])('is refused for version %d, when there is 1', (version) => {
    given(first).when(activate(version)).thenRefused('WORKFLOW_VERSION_NOT_FOUND');
  });
});

describe('deactivating', () => {
  it('leaves no version active', () => {
    given([...first, activated(1)])
      .when(deactivate)
      .then([deactivated]);
    expect(fold([...first, activated(1), deactivated])).not.toHaveProperty('activeVersion');
  });

  it.each([[first], [[...first, activated(1), deactivated]]])('what is not active changes nothing', (history) => {
    given(history).when(deactivate).thenNothing();
  });
});

describe('archiving', () => {
  it('deactivates what is active', () => {
    given([...first, activated(1)])
      .when(archive)
      .then([deactivated, archived]);
  });

  it('only archives what is not', () => {
    given(first).when(archive).then([archived]);
  });

  it.each([publish(1), activate(), activate(1), deactivate, archive])('comes after %j', (command) => {
    given([...first, archived])
      .when(command)
      .thenRefused('WORKFLOW_NOT_FOUND');
  });

  it('is the end', () => {
    expect(() => fold([...first, archived, activated(1)])).toThrow('after WorkflowArchived');
  });
});

describe('a history of a workflow', () => {
  it('does not begin with anything but its creation', () => {
    expect(() => fold([activated(1)])).toThrow('before WorkflowCreated');
  });

  it('tells when it was created and when it was changed last', () => {
    const later = '2026-11-23T11:00:00.000Z';
    const state = workflowDecider.evolve(fold(first), activated(1), later);
    expect(state).toMatchObject({ createdAt: AT, updatedAt: later });
  });

  it('of any commands that were accepted folds, has dense versions and one endpoint a webhook, and survives JSON', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 20 }), (commands) => {
        const history = accepted([create, ...commands]);
        const versions = history.flatMap((event) =>
          event.type === 'WorkflowVersionPublished' ? [event.data.version] : [],
        );
        expect(versions).toEqual(versions.map((_, index) => index + 1));
        const stored = JSON.parse(JSON.stringify(history)) as unknown[];
        expect(stored.map((event) => workflowEventSchema.parse(event))).toStrictEqual(history);
        const state = fold(history);
        const archives = history.filter(({ type }) => type === 'WorkflowArchived');
        expect(archives).toHaveLength(state.status === 'archived' ? 1 : 0);
        if (state.status !== 'present') return;
        expect(state.latestVersion).toBe(versions.length);
        const nodeIds = state.endpoints.map(({ nodeId }) => nodeId);
        expect(new Set(nodeIds).size).toBe(nodeIds.length);
        expect(state.activeVersion ?? 1).toBeLessThanOrEqual(state.latestVersion);
      }),
    );
  });
});

const anyCommand: fc.Arbitrary<WorkflowCommand> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 4 }), fc.subarray(['hook', 'second', 'third']))
    .map(([version, nodeIds]) => publish(version, ...nodeIds.map((id) => endpointOf(id)))),
  fc.option(fc.integer({ min: -1, max: 5 }), { nil: undefined }).map(activate),
  fc.constant(deactivate),
  fc.constant(create),
  fc.constant(archive),
);

/** What is recorded when those commands that are refused leave no trace. */
function accepted(commands: readonly WorkflowCommand[]): WorkflowEvent[] {
  let state: WorkflowState = workflowDecider.initialState();
  const history: WorkflowEvent[] = [];
  for (const command of commands) {
    const events = tryDecide(command, state);
    history.push(...events);
    state = events.reduce((before, event) => workflowDecider.evolve(before, event, AT), state);
  }
  return history;
}

function tryDecide(command: WorkflowCommand, state: WorkflowState): readonly WorkflowEvent[] {
  try {
    return workflowDecider.decide(command, state, undefined);
  } catch {
    return [];
  }
}

import fc from 'fast-check';
import { deciderSpecification } from '#libs/event-sourcing/testing';
import type { WorkflowDefinition } from '../definition.ts';
import { workflowDecider, type WorkflowCommand, type WorkflowState } from './workflow-decider.ts';
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
  data: { version, definition: definitionOf(`v${version}`), newEndpoints },
});
const activated = (version: number): WorkflowEvent => ({ type: 'WorkflowActivated', data: { version } });
const deactivated: WorkflowEvent = { type: 'WorkflowDeactivated', data: {} };

const create: WorkflowCommand = {
  type: 'CreateWorkflow',
  workspaceId: 'ws_1',
  definition: definitionOf('v1'),
  endpoints: [endpointOf('hook')],
};
const publish = (expectedVersion: number, ...endpoints: Endpoint[]): WorkflowCommand => ({
  type: 'PublishVersion',
  definition: definitionOf(`v${expectedVersion + 1}`),
  endpoints,
  expectedVersion,
});
const activate = (version?: number): WorkflowCommand => ({
  type: 'ActivateWorkflow',
  ...(version === undefined ? {} : { version }),
});
const deactivate: WorkflowCommand = { type: 'DeactivateWorkflow' };

const first = [created, published(1, endpointOf('hook'))];

describe('creating a workflow', () => {
  it('publishes its first version, with an endpoint for each webhook', () => {
    given([]).when(create).then(first);
  });

  it('happens once', () => {
    given(first).when(create).thenNothing();
  });

  it.each([publish(0), activate(), deactivate])('comes before %j', (command) => {
    given([]).when(command).thenRefused('WORKFLOW_NOT_FOUND');
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
        const state = fold(history);
        if (state.status === 'none') throw new Error('never created');
        expect(state.latestVersion).toBe(versions.length);
        const nodeIds = state.endpoints.map(({ nodeId }) => nodeId);
        expect(new Set(nodeIds).size).toBe(nodeIds.length);
        expect(state.activeVersion ?? 1).toBeLessThanOrEqual(state.latestVersion);
        const stored = JSON.parse(JSON.stringify(history)) as unknown[];
        expect(stored.map((event) => workflowEventSchema.parse(event))).toStrictEqual(history);
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

import type { WorkflowDefinition } from '#libs/workflow-definition';
import type { NodeTypes } from '#libs/node-kit';
import { BELL_TRIGGER } from '#libs/node-kit/testing';
import { webhookViewsOf } from './webhook-view.ts';

const definitionWith = (...nodes: WorkflowDefinition['nodes'][number][]): WorkflowDefinition => ({
  name: 'orders',
  nodes,
  connections: [],
  settings: { priority: 'normal' },
});
const hook = (id: string, method = 'POST') => ({ id, type: 'trigger.webhook', config: { method } });
const endpoints = ['old', 'both', 'new'].map((nodeId) => ({
  webhookId: `wh_${nodeId}`,
  nodeId,
  token: `token-${nodeId}`,
  createdAt: '2026-11-23T10:00:00.000Z',
}));
const older = definitionWith(hook('old'), hook('both', 'PUT'), { id: 'new', type: 'noop', config: {} });
const latest = definitionWith(hook('both', 'GET'), hook('new'));

const nodeTypes: NodeTypes = new Map([[BELL_TRIGGER.type, BELL_TRIGGER]]);
const shown = (active: WorkflowDefinition | undefined): unknown[] =>
  webhookViewsOf({ endpoints, definition: latest }, { active, publicUrl: 'https://x', nodeTypes, nowMs: 0 }).map(
    ({ nodeId, method, active }) => [nodeId, method, active],
  );

describe('the webhooks of a workflow', () => {
  it('are those of the latest version and of the active one, as the active one has them', () => {
    expect(shown(older)).toEqual([
      ['old', 'POST', true],
      ['both', 'PUT', true],
      ['new', 'POST', false],
    ]);
  });

  it('are all active when the latest version is', () => {
    expect(shown(latest)).toEqual([
      ['both', 'GET', true],
      ['new', 'POST', true],
    ]);
  });

  it('are none of them active when no version is', () => {
    expect(shown(undefined)).toEqual([
      ['both', 'GET', false],
      ['new', 'POST', false],
    ]);
  });

  it('are those of triggers that a service calls as well, by POST', () => {
    const bell = definitionWith({ id: 'both', type: 'trigger.bell', config: { method: 'PUT' } }, hook('new'));
    const viewing = { active: undefined, publicUrl: 'https://x', nodeTypes, nowMs: 0 };
    const views = webhookViewsOf({ endpoints, definition: bell }, viewing);
    expect(views.map(({ nodeId, type, method }) => [nodeId, type, method])).toEqual([
      ['both', 'trigger.bell', 'POST'],
      ['new', 'trigger.webhook', 'POST'],
    ]);
  });

  it('say until when a URL of before works too', () => {
    const until = (hour: number): string => `2026-11-23T1${hour}:00:00.000Z`;
    const earlier = [
      { token: 'a', until: until(2) },
      { token: 'b', until: until(1) },
    ];
    const rotated = endpoints.slice(1, 2).map((endpoint) => ({ ...endpoint, earlier }));
    const shownAt = (instant: string) =>
      webhookViewsOf(
        { endpoints: rotated, definition: latest },
        { active: latest, publicUrl: 'https://x', nodeTypes, nowMs: Date.parse(instant) },
      )[0];
    expect(shownAt(until(1))).toMatchObject({ url: 'https://x/hooks/token-both', previousUrlUntil: until(2) });
    expect(shownAt(until(2))).not.toHaveProperty('previousUrlUntil');
  });
});

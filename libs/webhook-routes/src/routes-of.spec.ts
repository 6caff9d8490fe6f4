import type { NodeDefinition, WorkflowDefinition } from '#libs/workflow-definition';
import { z } from 'zod';
import type { NodeTypes } from '#libs/node-kit';
import { BELL_TRIGGER } from '#libs/node-kit/testing';
import { isMailRoute, isSourceRoute, routeSchema, writtenRoute } from './route.ts';
import { methodsOf, routesOf, type RoutedWorkflow } from './routes-of.ts';

const definition: WorkflowDefinition = {
  name: 'orders',
  nodes: [
    { id: 'hook', type: 'trigger.webhook', config: { method: ['POST', 'PUT'], maxBodyBytes: 2048 } },
    { id: 'plain', type: 'trigger.webhook', config: {} },
    { id: 'set', type: 'set', config: {} },
  ],
  connections: [],
  settings: { priority: 'high' },
};
const endpoint = (nodeId: string) => ({ nodeId, token: `token-${nodeId}`, webhookId: `wh_${nodeId}` });
const workflow = { id: 'wf_1', workspaceId: 'ws_1', version: 3, definition };

const nodeTypes: NodeTypes = new Map([[BELL_TRIGGER.type, BELL_TRIGGER]]);
const made = (routed: RoutedWorkflow) => routesOf(routed, nodeTypes);

describe('routesOf', () => {
  it('gives one route for each webhook node that has an endpoint, with its own bounds or the defaults', () => {
    const routes = made({ ...workflow, endpoints: [endpoint('hook'), endpoint('plain')] });
    expect(Object.fromEntries(routes)).toEqual({
      'token-hook': {
        webhookId: 'wh_hook',
        workspaceId: 'ws_1',
        workflowId: 'wf_1',
        version: 3,
        nodeId: 'hook',
        methods: ['POST', 'PUT'],
        maxBodyBytes: 2048,
        variables: [],
        priority: 'high',
      },
      'token-plain': expect.objectContaining({ methods: ['POST'], maxBodyBytes: 1024 * 1024 }) as unknown,
    });
  });

  it('gives one for each address of a mail trigger, which no URL has', () => {
    const nodes: NodeDefinition[] = [
      { id: 'mail', type: 'trigger.email', config: { allowFrom: ['@partner.test'] } },
      { id: 'any', type: 'trigger.email', config: {} },
      { id: 'later', type: 'trigger.email', config: { require: 'arc' } },
    ];
    const endpoints = nodes.map(({ id }) => endpoint(id));
    const routes = made({ ...workflow, definition: { ...definition, nodes }, endpoints });
    expect([...routes.keys()]).toEqual(['token-mail', 'token-any']);
    const mail = { maxBytes: 26_214_400, require: 'nothing', allowFrom: ['@partner.test'] };
    expect(routes.get('token-mail')).toMatchObject({ nodeId: 'mail', methods: [], mail });
    for (const route of routes.values()) {
      expect(routeSchema.parse(route)).toEqual(route);
      expect(isMailRoute(route)).toBe(true);
    }
  });

  it('gives earlier URLs the same route, until they stop', () => {
    const until = '2026-11-28T11:00:00.000Z';
    const endpoints = [{ ...endpoint('hook'), earlier: [{ token: 'before', until }] }];
    const routes = made({ ...workflow, endpoints });
    expect([...routes.keys()]).toEqual(['token-hook', 'before']);
    expect(routes.get('before')).toEqual({ ...routes.get('token-hook'), until });
    expect(routeSchema.parse(routes.get('before'))).toEqual(routes.get('before'));
  });

  it('says which variables the version reads, so that a call need not know the workflow', () => {
    const nodes = [...definition.nodes, { id: 'call', type: 'http.request', config: { url: '{{ vars.base }}/x' } }];
    const routes = made({ ...workflow, definition: { ...definition, nodes }, endpoints: [endpoint('hook')] });
    expect(routes.get('token-hook')).toMatchObject({ variables: ['base'] });
  });

  it('gives none to a node whose config it can not read, and the others theirs', () => {
    const nodes = definition.nodes.map((node) =>
      node.id === 'hook' ? { ...node, config: { method: 'LATER' } } : node,
    );
    const routes = made({
      ...workflow,
      definition: { ...definition, nodes },
      endpoints: [endpoint('hook'), endpoint('plain')],
    });
    expect([...routes.keys()]).toEqual(['token-plain']);
  });

  it('gives none to endpoints whose node is gone or is a webhook no more', () => {
    expect(made({ ...workflow, endpoints: [endpoint('set'), endpoint('gone')] }).size).toBe(0);
  });
});

describe('the route of a trigger that a service calls', () => {
  const routeOf = (config: NodeDefinition['config'], type = 'trigger.bell') => {
    const nodes = [{ id: 'bell', type, config }];
    return made({ ...workflow, definition: { ...definition, nodes }, endpoints: [endpoint('bell')] }).get('token-bell');
  };
  const read = (text: string) => routeSchema.parse(JSON.parse(text));

  it('says by what it is verified, and with which config the type finds what calls mean', () => {
    const config = { credentialId: 'cred_1', rings: ['once'] };
    expect(routeOf(config)).toEqual({
      webhookId: 'wh_bell',
      workspaceId: 'ws_1',
      workflowId: 'wf_1',
      version: 3,
      nodeId: 'bell',
      methods: ['POST'],
      maxBodyBytes: 1_024,
      variables: [],
      priority: 'high',
      verify: { scheme: 'github', credentialId: 'cred_1' },
      source: { type: 'trigger.bell', config },
    });
  });

  it('names no credential where calls are signed with what the installation makes', () => {
    expect(routeOf({ door: 'front' })).toMatchObject({ verify: { scheme: 'github' } });
    expect(routeOf({ door: 'front' })?.verify).not.toHaveProperty('credentialId');
  });

  it('is not there for a config that is not readable, or a type that nobody knows', () => {
    expect(routeOf({ rings: 7 })).toBeUndefined();
    expect(routeOf({}, 'trigger.unknown')).toBeUndefined();
  });

  it('comes back from the bucket as it was, and to a process that knows no sources not at all', () => {
    const olderSchema = z.object({ methods: z.array(z.string()) });
    for (const route of [routeOf({ credentialId: 'cred_1' })!, routeOf({ door: 'front' })!]) {
      const written = writtenRoute(route);
      expect(read(written)).toEqual(route);
      expect(isSourceRoute(read(written))).toBe(true);
      expect(olderSchema.safeParse(JSON.parse(written)).success).toBe(false);
    }
    const plain = made({ ...workflow, endpoints: [endpoint('hook')] }).get('token-hook')!;
    expect(JSON.parse(writtenRoute(plain))).toEqual(plain);
  });

  it('is read only with what it is verified by', () => {
    const { verify: _, ...unverified } = routeOf({ door: 'front' })!;
    expect(routeSchema.safeParse(unverified).success).toBe(false);
  });
});

describe('an entry written before there were variables', () => {
  it('reads as one that may need them all', () => {
    const { variables: _, ...older } = made({ ...workflow, endpoints: [endpoint('hook')] }).get('token-hook')!;
    expect(routeSchema.parse(older)).toEqual({ ...older, variables: 'all' });
  });
});

describe('methodsOf', () => {
  it.each([
    ['PUT', ['PUT']],
    [
      ['GET', 'POST'],
      ['GET', 'POST'],
    ],
    [[], ['POST']],
    [undefined, ['POST']],
  ])('reads %j', (method, methods) => {
    expect(methodsOf(method)).toEqual(methods);
  });
});

import type { JsonObject, JsonValue } from '#libs/kernel';
import type { Scope } from '#libs/expressions';
import { anyJson, defineNodeType, NodeError } from '#libs/node-kit';
import { z } from 'zod';
import type { WorkflowDefinition } from './definition.ts';
import { parseDefinition } from './parse-definition.ts';
import type { Plan, PlannedDecisionNode, PlannedExecutorNode } from './plan-types.ts';
import { planWorkflow } from './plan.ts';
import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';

const scope = (body: JsonValue): Scope => ({
  trigger: { body },
  nodes: { start: { output: { body } } },
  execution: { id: 'ex_1', startedAt: '2026-11-23T10:00:00.000Z' },
  workflow: { id: 'wf_1', version: 3, name: 'Sample' },
  vars: {},
});

function definitionOf(node: JsonObject): WorkflowDefinition {
  const parsed = parseDefinition(
    {
      name: 'Sample',
      nodes: [
        { id: 'start', type: 'start' },
        { id: 'node', ...node },
        { id: 'end', type: 'pass' },
      ],
      connections: [
        { from: 'start', to: 'node' },
        { from: 'start', to: 'end' },
        { from: 'node', to: 'end', output: node.type === 'choose' ? 'yes' : 'main' },
      ],
      settings: { priority: 'low', timeoutMs: 9 },
    },
    SAMPLE_NODE_TYPES,
  );
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
  return parsed.definition;
}

function planOf(definition: WorkflowDefinition): Plan {
  return planWorkflow({ workflowId: 'wf_1', version: 3, definition, nodeTypes: SAMPLE_NODE_TYPES });
}

function decisionNode(node: JsonObject): PlannedDecisionNode {
  const planned = planOf(definitionOf(node)).nodes.get('node');
  if (planned?.runs !== 'decision') throw new Error('not a decision node');
  return planned;
}

function executorNode(node: JsonObject): PlannedExecutorNode {
  const planned = planOf(definitionOf(node)).nodes.get('node');
  if (planned?.runs !== 'executor') throw new Error('not an executor node');
  return planned;
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('a plan', () => {
  it('tells the version, the settings and the nodes in their order', () => {
    const plan = planOf(definitionOf({ type: 'pass' }));
    expect(plan).toMatchObject({
      workflowId: 'wf_1',
      version: 3,
      name: 'Sample',
      settings: { priority: 'low', timeoutMs: 9 },
    });
    expect([...plan.nodes.keys()]).toEqual(['start', 'node', 'end']);
    expect([...plan.nodes.values()].map(({ runs }) => runs)).toEqual(['trigger', 'decision', 'decision']);
  });

  it('knows the connections into and out of each node, in their order', () => {
    const { nodes } = planOf(definitionOf({ type: 'choose', config: { condition: true } }));
    const first = { from: 'start', to: 'node', output: 'main' };
    const second = { from: 'start', to: 'end', output: 'main' };
    const third = { from: 'node', to: 'end', output: 'yes' };
    expect(nodes.get('start')).toMatchObject({ incoming: [], outgoing: [first, second] });
    expect(nodes.get('node')).toMatchObject({ incoming: [first], outgoing: [third] });
    expect(nodes.get('end')).toMatchObject({ incoming: [second, third], outgoing: [] });
  });

  it('fills in what a node leaves open', () => {
    expect(executorNode({ type: 'work', config: { url: 'u' } })).toMatchObject({
      executor: 'work',
      join: 'all',
      onError: 'fail',
      timeoutMs: 30_000,
      retry: { maxAttempts: 1, backoff: 'exponential', initialMs: 1_000, maxMs: 60_000, jitter: true },
    });
  });

  it('keeps what a node says', () => {
    const said = { join: 'any', onError: 'branch', timeoutMs: 5 };
    expect(executorNode({ type: 'work', config: { url: 'u' }, ...said, retry: { maxAttempts: 2 } })).toMatchObject({
      ...said,
      retry: { maxAttempts: 2 },
    });
  });

  it('needs every node type to be installed', () => {
    const definition = definitionOf({ type: 'pass' });
    const nodeTypes = new Map([...SAMPLE_NODE_TYPES].filter(([type]) => type !== 'pass'));
    expect(() => planWorkflow({ workflowId: 'wf_1', version: 1, definition, nodeTypes })).toThrow(
      /"pass", not installed/,
    );
  });
});

describe('a node computed in the decision', () => {
  it('gets its evaluated config and what came in', () => {
    const node = decisionNode({ type: 'choose', config: { condition: '{{ trigger.body.n > 1 }}' } });
    const taken = [
      { nodeId: 'first', output: 'came in' },
      { nodeId: 'second', output: 'too' },
    ];
    expect(node.compute(scope({ n: 2 }), taken)).toEqual({ output: 'came in', leavesBy: ['yes'] });
    expect(node.compute(scope({ n: 1 }), [])).toEqual({ output: null, leavesBy: ['no'] });
  });

  it('fails for good when the evaluated config does not fit', () => {
    const node = decisionNode({ type: 'choose', config: { condition: '{{ trigger.body.n }}' } });
    const error = thrownBy(() => node.compute(scope({ n: 'x' }), []));
    expect(error).toBeInstanceOf(NodeError);
    expect(error).toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'the evaluated config does not fit: condition expected boolean, received string',
      options: {
        retryable: false,
        details: { problems: [{ path: 'condition', message: 'expected boolean, received string' }] },
      },
    });
  });

  it('fails with what the expression fails with', () => {
    const node = decisionNode({ type: 'choose', config: { condition: '{{ trigger.body.missing.deeper > 1 }}' } });
    expect(thrownBy(() => node.compute(scope({}), []))).toMatchObject({
      name: 'ExpressionError',
      code: 'EXPRESSION_FAILED',
    });
  });
});

describe('fields of a config that are not evaluated with the rest', () => {
  const sift = defineNodeType<JsonObject>({
    type: 'sift',
    kind: 'condition',
    title: 'Sift',
    description: 'Keeps the items for which its test holds.',
    runs: 'decision',
    configSchema: z.strictObject({ items: z.array(anyJson()), test: z.string().max(27), code: z.string() }),
    verbatim: ['code'],
    perItem: ['test'],
    outputsOf: () => ['main'],
    compute: ({ config, forItem }) => {
      const items = config['items'] as readonly JsonValue[];
      const kept = items.filter((item, index) => forItem('test', item, index) === true);
      return { output: { kept, code: config['code'] ?? null }, leavesBy: ['main'] };
    },
  });
  const nodeTypes = new Map([...SAMPLE_NODE_TYPES, [sift.type, sift]]);
  const parse = (config: JsonObject) =>
    parseDefinition(
      {
        name: 'Sample',
        nodes: [
          { id: 'start', type: 'start' },
          { id: 'node', type: 'sift', config },
        ],
        connections: [{ from: 'start', to: 'node' }],
      },
      nodeTypes,
    );
  const config = { items: '{{ trigger.body }}', test: '{{ item > 1 + index }}', code: 'return {{ }} + "{{ vars"' };

  it('are left to the node: item by item, or as they are written', () => {
    const parsed = parse(config);
    if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
    const plan = planWorkflow({ workflowId: 'wf_1', version: 1, definition: parsed.definition, nodeTypes });
    const node = plan.nodes.get('node');
    if (node?.runs !== 'decision') throw new Error('not a decision node');
    expect(node.compute(scope([1, 3, 3, 5]), []).output).toEqual({ kept: [3, 5], code: config.code });
  });

  it('are checked when they are templates', () => {
    expect(parse({ ...config, test: '{{ item >' })).toMatchObject({ problems: [{ path: 'nodes[1].config.test' }] });
    expect(parse({ ...config, test: '{{ nodes.other.output }}' })).toMatchObject({
      problems: [{ path: 'nodes[1].config.test' }],
    });
  });

  it('meet the schema as they are written, when the workflow is published', () => {
    const items = '{{ trigger.body }}';
    expect(parse({ items, test: ['{{ item }}'], code: { a: '{{' } })).toMatchObject({
      problems: [
        { path: 'nodes[1].config.test', message: 'expected string, received array' },
        { path: 'nodes[1].config.code', message: 'expected string, received object' },
      ],
    });
    expect(parse({ items, test: '{{ "much longer than twenty" }}', code: '' })).toMatchObject({
      problems: [{ path: 'nodes[1].config.test' }],
    });
  });

  it('say at which item they failed, and have the steps of one evaluation for all items together', () => {
    const compute = (test: string, body: JsonValue) => {
      const parsed = parse({ ...config, test });
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
      const plan = planWorkflow({ workflowId: 'wf_1', version: 1, definition: parsed.definition, nodeTypes });
      const node = plan.nodes.get('node');
      return node?.runs === 'decision' ? node.compute(scope(body), []).output : undefined;
    };
    expect(thrownBy(() => compute('{{ item.a == 1 }}', [{ a: 1 }, {}]))).toMatchObject({
      code: 'EXPRESSION_FAILED',
      path: 'test',
      message: expect.stringMatching(/, at item 1$/) as string,
    });
    const large = Array.from({ length: 1_000 }, () => 0);
    expect(thrownBy(() => compute('{{ index in trigger.body }}', large))).toMatchObject({
      message: expect.stringContaining('takes more than 500000 steps, at item') as string,
    });
    expect(compute('{{ index in trigger.body }}', large.slice(0, 100))).toMatchObject({ kept: [0] });
  });
});

describe('a node run by an executor', () => {
  it('gets its evaluated config, with defaults', () => {
    const node = executorNode({
      type: 'work',
      config: { url: 'https://{{ trigger.body.host }}/', list: '{{ trigger.body.list }}' },
    });
    expect(node.resolveConfig(scope({ host: 'h', list: [{ n: 1 }] }))).toEqual({
      url: 'https://h/',
      count: 1,
      mode: 'a',
      list: [{ n: 1 }],
    });
  });

  it('does not evaluate what came out of an expression again', () => {
    const node = executorNode({ type: 'work', config: { url: '{{ trigger.body.url }}' } });
    expect(node.resolveConfig(scope({ url: '{{ 1 + 1 }}' }))).toMatchObject({ url: '{{ 1 + 1 }}' });
  });

  it('has a config without expressions parsed once', () => {
    const node = executorNode({ type: 'work', config: { url: 'u' } });
    expect(node.resolveConfig(scope(1))).toBe(node.resolveConfig(scope(2)));
  });

  it('tells every place where the evaluated config does not fit', () => {
    const node = executorNode({
      type: 'work',
      config: { url: '{{ trigger.body.url }}', count: '{{ trigger.body.count }}' },
    });
    expect(thrownBy(() => node.resolveConfig(scope({ url: '', count: 10 })))).toMatchObject({
      code: 'INVALID_CONFIG',
      options: { details: { problems: [{ path: 'url' }, { path: 'count' }] } },
    });
  });
});

describe('a version published before its node type grew stricter', () => {
  const published = (config: JsonObject): PlannedExecutorNode => {
    const definition = definitionOf({ type: 'work', config: { url: 'u' } });
    const nodes = definition.nodes.map((node) => (node.id === 'node' ? { ...node, config } : node));
    const planned = planOf({ ...definition, nodes }).nodes.get('node');
    if (planned?.runs !== 'executor') throw new Error('not an executor node');
    return planned;
  };

  it('is planned, and fails where it does not fit any more', () => {
    expect(thrownBy(() => published({ url: 'u', gone: 1 }).resolveConfig(scope(1)))).toMatchObject({
      code: 'INVALID_CONFIG',
    });
    expect(thrownBy(() => published({ url: '{{ 1 + }}' }).resolveConfig(scope(1)))).toMatchObject({
      code: 'EXPRESSION_FAILED',
      options: { retryable: false },
    });
  });
});

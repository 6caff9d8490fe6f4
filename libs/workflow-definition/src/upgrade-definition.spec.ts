import type { JsonObject } from '#libs/kernel';
import { defineNodeType, type NodeType, type NodeTypes } from '#libs/node-kit';
import { z } from 'zod';
import type { NodeDefinition, WorkflowDefinition } from './definition.ts';
import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';
import { upgradeDefinition } from './upgrade-definition.ts';

function definitionOf(...nodes: readonly NodeDefinition[]): WorkflowDefinition {
  const connections = nodes.slice(1).map(({ id }) => ({ from: 'start', to: id, output: 'main' }));
  return { name: 'Sends', nodes, connections, settings: { priority: 'normal' } };
}

const start: NodeDefinition = { id: 'start', type: 'start', config: {} };
const upgrade = (...nodes: readonly NodeDefinition[]) =>
  upgradeDefinition(definitionOf(start, ...nodes), SAMPLE_NODE_TYPES);

/** A type of the one field `a`, with what the spec says of it. */
function typeOf(type: string, more: Partial<Pick<NodeType, 'deprecated' | 'upgrade'>> = {}): [string, NodeType] {
  const nodeType = defineNodeType<JsonObject>({
    type,
    kind: 'action',
    title: type,
    description: type,
    runs: 'decision',
    configSchema: z.strictObject({ a: z.number() }),
    outputsOf: () => ['main'],
    compute: ({ incoming }) => ({ output: incoming, leavesBy: ['main'] }),
    ...more,
  });
  return [type, nodeType];
}

const upgradedTo = (type: string, types: NodeTypes) =>
  upgradeDefinition(definitionOf(start, { id: 'one', type, config: { a: 1 } }), types);

describe('an upgrade', () => {
  it('leads to the newest version, one after the other, and keeps all but type and config', () => {
    const retry = { maxAttempts: 2, backoff: 'fixed', initialMs: 1, maxMs: 1, jitter: false } as const;
    const { definition, steps } = upgrade({ id: 'a', type: 'send', config: { to: 'ann, bob' }, retry });
    expect(definition).toEqual(definitionOf(start, { id: 'a', type: 'send@3', config: { to: ['ann, bob'] }, retry }));
    expect(steps).toEqual([
      {
        nodeId: 'a',
        path: 'nodes[1]',
        from: 'send',
        to: 'send@2',
        reason: 'it reaches one only',
        notes: [{ path: 'nodes[1].config.to[0]', message: 'looks like several' }],
      },
      { nodeId: 'a', path: 'nodes[1]', from: 'send@2', to: 'send@3', reason: 'its answer is cut', notes: [] },
    ]);
  });

  it('begins where the node is', () => {
    const { definition, steps } = upgrade({ id: 'a', type: 'send@2', config: { to: ['ann'] } });
    expect(definition.nodes[1]).toEqual({ id: 'a', type: 'send@3', config: { to: ['ann'] } });
    expect(steps.map(({ from, to }) => [from, to])).toEqual([['send@2', 'send@3']]);
  });

  it('of what is at its newest is the same definition', () => {
    const nodes: readonly NodeDefinition[] = [
      { id: 'a', type: 'send@3', config: { to: ['ann'] } },
      { id: 'b', type: 'pass', config: { value: 1 } },
      { id: 'c', type: 'each', config: { do: { type: 'pass' } } },
      { id: 'gone', type: 'no.such.type', config: { x: 1 } },
    ];
    expect(upgrade(...nodes)).toEqual({ definition: definitionOf(start, ...nodes), steps: [] });
  });

  it('reaches the node within a loop, and leaves the loop as it is', () => {
    const { definition, steps } = upgrade({
      id: 'all',
      type: 'each',
      config: { do: { type: 'send', config: { to: 'a,b' }, timeoutMs: 5 }, other: 1 },
    });
    const config = { do: { type: 'send@3', config: { to: ['a,b'] }, timeoutMs: 5 }, other: 1 };
    expect(definition.nodes[1]).toEqual({ id: 'all', type: 'each', config });
    expect(steps.map(({ nodeId, path, from }) => [nodeId, path, from])).toEqual([
      ['all', 'nodes[1].config.do', 'send'],
      ['all', 'nodes[1].config.do', 'send@2'],
    ]);
    expect(steps[0]?.notes.map(({ path }) => path)).toEqual(['nodes[1].config.do.config.to[0]']);
  });

  it('takes a malformed config along', () => {
    expect(upgrade({ id: 'a', type: 'send', config: { cc: 1 } }).definition.nodes[1]).toMatchObject({
      type: 'send@3',
      config: { cc: 1 },
    });
  });
});

describe('a deprecated type', () => {
  const by = (replacedBy: string) => ({ deprecated: { reason: 'old', replacedBy } });

  it('that is replaced by another name stays', () => {
    const types = new Map([...SAMPLE_NODE_TYPES, typeOf('x', by('y')), typeOf('y')]);
    expect(upgradedTo('x', types).steps).toEqual([]);
  });

  it('that is replaced by what is not installed stays', () => {
    const types = new Map([...SAMPLE_NODE_TYPES, typeOf('x', by('x@2'))]);
    expect(upgradedTo('x', types).steps).toEqual([]);
  });

  it('that is replaced by an older version, or by itself, ends the way', () => {
    const types = new Map([...SAMPLE_NODE_TYPES, typeOf('x', by('x')), typeOf('x@2', by('x'))]);
    expect(upgradedTo('x', types).steps).toEqual([]);
    expect(upgradedTo('x@2', types).steps).toEqual([]);
  });

  it('that is replaced by a later version than the next gets the changes of both', () => {
    const add = (field: string) => ({
      upgrade: (config: JsonObject) => ({
        config: { ...config, [field]: true },
        notes: [{ path: field, message: 'is new' }],
      }),
    });
    const types = new Map([
      ...SAMPLE_NODE_TYPES,
      typeOf('x@3', add('third')),
      typeOf('x@2', { ...add('second'), ...by('x@3') }),
      typeOf('x', by('x@3')),
    ]);
    const { definition, steps } = upgradedTo('x', types);
    expect(definition.nodes[1]).toEqual({ id: 'one', type: 'x@3', config: { a: 1, second: true, third: true } });
    expect(steps.map(({ from, to, notes }) => [from, to, notes.length])).toEqual([['x', 'x@3', 2]]);
  });
});

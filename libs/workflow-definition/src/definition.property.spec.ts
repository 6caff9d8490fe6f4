import fc from 'fast-check';
import { defineNodeType, type NodeType } from '#libs/node-kit';
import { z } from 'zod';
import { parseDefinition, type ParsedDefinition } from './parse-definition.ts';
import { planWorkflow } from './plan.ts';
import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';

interface Sample {
  readonly name: string;
  readonly nodes: readonly { readonly id: string; readonly type: string; readonly config: object }[];
  readonly connections: readonly { readonly from: string; readonly to: string }[];
}

const HOSTILE_IDS = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf'];
const nodeId = fc.oneof(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,10}$/), fc.constantFrom(...HOSTILE_IDS));

/** A trigger, then nodes in an order that their connections follow; each may read any node it can be reached from. */
const acyclic: fc.Arbitrary<Sample> = fc
  .uniqueArray(nodeId, { minLength: 2, maxLength: 12 })
  .chain((ids) => {
    const pairs = ids.flatMap((from, index) => ids.slice(index + 1).map((to) => ({ from, to })));
    return fc.record({ ids: fc.constant(ids), connections: fc.subarray(pairs, { minLength: 1 }) });
  })
  .map(({ ids, connections }) => ({
    name: 'Generated',
    nodes: ids.map((id, index) =>
      index === 0 ? { id, type: 'start', config: {} } : { id, type: 'pass', config: readsOf(id, connections) },
    ),
    connections,
  }));

function readsOf(id: string, connections: Sample['connections']): object {
  const before = connections.filter(({ to }) => to === id).map(({ from }) => `{{ nodes["${from}"].output }}`);
  return before.length === 0 ? {} : { value: before };
}

describe('every acyclic graph', () => {
  it('is accepted, and planned with each node and connection in it', () => {
    fc.assert(
      fc.property(acyclic, (sample) => {
        const parsed = parseDefinition(sample, SAMPLE_NODE_TYPES);
        if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
        const plan = planWorkflow({
          workflowId: 'wf_1',
          version: 1,
          definition: parsed.definition,
          nodeTypes: SAMPLE_NODE_TYPES,
        });
        expect([...plan.nodes.keys()]).toEqual(sample.nodes.map(({ id }) => id));
        expect([...plan.nodes.values()].flatMap(({ outgoing }) => outgoing)).toHaveLength(sample.connections.length);
        expect([...plan.nodes.values()].flatMap(({ incoming }) => incoming)).toHaveLength(sample.connections.length);
      }),
    );
  });

  it('is refused with one connection back, and a real cycle is named', () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), (sample, pick) => {
        const { from, to } = sample.connections[pick % sample.connections.length]!;
        const connections = [...sample.connections, { from: to, to: from }];
        const { path, ids } = cycleToldBy(parseDefinition({ ...sample, connections }, SAMPLE_NODE_TYPES));
        expect(ids.length).toBeGreaterThan(2);
        expect(ids.at(-1)).toBe(ids[0]);
        expect(new Set(ids).size).toBe(ids.length - 1);
        for (const [index, id] of ids.slice(0, -1).entries()) {
          expect(connections).toContainEqual({ from: id, to: ids[index + 1] });
        }
        const closing = connections.findIndex((one) => one.from === ids.at(-2) && one.to === ids[0]);
        expect(path).toBe(`connections[${closing}]`);
      }),
    );
  });
});

/** Ids of the cycle named by the first problem that is one, the first id again at the end. */
function cycleToldBy(parsed: ParsedDefinition): { readonly path: string; readonly ids: readonly string[] } {
  const problems = parsed.kind === 'refused' ? parsed.problems : [];
  const told = problems.find(({ message }) => message.startsWith('closes a cycle'));
  if (!told) throw new Error('no cycle is named');
  return { path: told.path, ids: told.message.slice(told.message.indexOf(': ') + 2).split(' → ') };
}

describe('any JSON', () => {
  const key = fc.oneof(
    fc.constantFrom(
      'id',
      'type',
      'config',
      'retry',
      'onError',
      'from',
      'to',
      'output',
      'url',
      'value',
      'condition',
      '__proto__',
      'constructor',
    ),
    fc.string({ maxLength: 5 }),
  );
  const leaf = fc.oneof(
    fc.constantFrom<unknown>(
      'start',
      'pass',
      'choose',
      'work',
      'a',
      'b',
      'branch',
      '{{ nodes.a.output }}',
      '{{ 1 +',
      '__proto__',
      null,
      0,
    ),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    ),
  }));
  const likeADefinition = fc.record(
    {
      name: leaf,
      nodes: fc.oneof(
        tree,
        fc.array(
          fc.oneof(tree, fc.record({ id: leaf, type: leaf, config: tree, onError: leaf }, { requiredKeys: [] })),
          { maxLength: 5 },
        ),
      ),
      connections: fc.oneof(
        tree,
        fc.array(fc.oneof(tree, fc.record({ from: leaf, to: leaf, output: leaf }, { requiredKeys: [] })), {
          maxLength: 5,
        }),
      ),
      settings: tree,
    },
    { requiredKeys: [] },
  );

  it('is accepted or refused with reasons, and never breaks the parser', () => {
    fc.assert(
      fc.property(fc.oneof(tree, likeADefinition), (value) => {
        const parsed = parseDefinition(JSON.parse(JSON.stringify(value)), SAMPLE_NODE_TYPES);
        if (parsed.kind === 'refused') expect(parsed.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
    expect(({} as Record<string, unknown>).id).toBeUndefined();
  });
});

describe('the work', () => {
  it('is done once a node, however many connections and references there are', () => {
    const calls = { outputsOf: 0, check: 0 };
    const counting = defineNodeType({
      type: 'pass',
      kind: 'action',
      title: 'Pass',
      description: 'Counts how often it is asked.',
      runs: 'decision',
      configSchema: z.looseObject({}),
      outputsOf: () => {
        calls.outputsOf++;
        return ['main'];
      },
      check: () => {
        calls.check++;
        return [];
      },
      compute: ({ incoming }) => ({ output: incoming, leavesBy: ['main'] }),
    });
    const nodeTypes = new Map<string, NodeType>([...SAMPLE_NODE_TYPES, ['pass', counting]]);
    const ids = Array.from({ length: 499 }, (_, index) => `n${index}`);
    const connections = [
      { from: 'start', to: 'n0' },
      ...ids.flatMap((to, index) =>
        [1, 2, 3, 4].flatMap((back) => (index >= back ? [{ from: `n${index - back}`, to }] : [])),
      ),
    ];
    const nodes = [
      { id: 'start', type: 'start' },
      ...ids.map((id, index) => ({
        id,
        type: 'pass',
        config: index === 0 ? {} : { all: `{{ nodes.n0.output }} {{ nodes.n${index - 1}.output }}` },
      })),
    ];
    const parsed = parseDefinition({ name: 'Large', nodes, connections: connections.slice(0, 2_000) }, nodeTypes);
    expect(parsed.kind).toBe('accepted');
    expect(calls).toEqual({ outputsOf: 499, check: 499 });
  });
});

import fc from 'fast-check';
import type { JsonObject } from '#libs/kernel';
import type { Plan, RetryPolicy } from '#libs/workflow-definition';
import { planOf, type DrawnNode } from './plans.ts';

/** A workflow that `parseDefinition` accepts, with triggers `start` and perhaps `other`. */
export interface GeneratedWorkflow {
  readonly nodes: Readonly<Record<string, DrawnNode>>;
  readonly connections: readonly string[];
  readonly plan: Plan;
}

/** What the generated conditions read: `{ body: { yes: true, no: false } }`; `missing` is not there, so it fails. */
const CONDITIONS = ['yes', 'no', 'yes', 'no', 'missing'].map((field) => `{{ trigger.body.${field} }}`);

interface Recipe {
  readonly type: 'if' | 'set' | 'merge' | 'noop' | 'switch';
  readonly join: 'all' | 'any';
  readonly onError: 'fail' | 'continue' | 'branch';
  readonly maxAttempts: number;
  readonly conditions: readonly number[];
  readonly sources: readonly { readonly node: number; readonly output: number }[];
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  type: fc.constantFrom('noop', 'set', 'if', 'switch', 'merge'),
  join: fc.constantFrom('all', 'any'),
  onError: fc.constantFrom('fail', 'continue', 'branch'),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  conditions: fc.tuple(fc.nat(CONDITIONS.length - 1), fc.nat(CONDITIONS.length - 1)),
  sources: fc.array(fc.record({ node: fc.nat(30), output: fc.nat(5) }), { maxLength: 4 }),
});

/** Acyclic workflows of up to fifteen nodes: each node has connections from earlier ones only, or none at all. */
export const definitions: fc.Arbitrary<GeneratedWorkflow> = fc
  .record({ hasOtherTrigger: fc.boolean(), recipes: fc.array(recipe, { minLength: 1, maxLength: 13 }) })
  .map(({ hasOtherTrigger, recipes }) => {
    const nodes: Record<string, DrawnNode> = { start: 'trigger.manual' };
    if (hasOtherTrigger) nodes['other'] = 'trigger.manual';
    const connections = new Set<string>();
    for (const [index, one] of recipes.entries()) {
      const id = `n${index}`;
      const earlier = Object.entries(nodes);
      for (const source of one.sources) {
        const [from, node] = earlier[source.node % earlier.length]!;
        const outputs = outputsOf(node);
        connections.add(`${from}:${outputs[source.output % outputs.length]} > ${id}`);
      }
      nodes[id] = nodeOf(one);
    }
    return { nodes, connections: [...connections], plan: planOf(nodes, [...connections]) };
  });

function nodeOf({ type, join, onError, maxAttempts, conditions }: Recipe): DrawnNode {
  const config = CONFIGS[type](conditions.map((index) => CONDITIONS[index]!));
  const retry: RetryPolicy = { maxAttempts, backoff: 'fixed', initialMs: 1000, maxMs: 1000, jitter: false };
  return { type, join, onError, config, ...(type === 'noop' ? { retry } : {}) };
}

const CONFIGS: Readonly<Record<Recipe['type'], (conditions: readonly string[]) => JsonObject>> = {
  noop: () => ({}),
  merge: () => ({ mode: 'list' }),
  set: ([condition = '']) => ({ values: { flag: condition, all: '{{ trigger.body }}' } }),
  if: ([condition = '']) => ({ condition }),
  switch: ([one = '', other = '']) => ({
    cases: [
      { output: 'one', condition: one },
      { output: 'other', condition: other },
    ],
    fallback: 'none',
    mode: 'all',
  }),
};

function outputsOf(node: DrawnNode): readonly string[] {
  if (typeof node === 'string') return ['main'];
  const own = OUTPUTS[node.type ?? ''] ?? ['main'];
  return node.onError === 'branch' ? [...own, 'error'] : own;
}

const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  if: ['true', 'false'],
  switch: ['one', 'other', 'none'],
};

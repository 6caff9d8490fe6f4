import fc from 'fast-check';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { canonicalJson } from './canonical-json.ts';
import type { WorkflowDefinition } from './definition.ts';
import { diffDefinitions, type DefinitionDiff } from './diff-definitions.ts';
import { EXAMPLE_DEFINITION } from './example-definition.ts';
import { changesBetween, type StepChange } from './value-changes.ts';

const SAME: DefinitionDiff = {
  nodes: { added: [], removed: [], changed: [] },
  connections: { added: [], removed: [] },
  settings: [],
  reordered: [],
};
const { nodes, connections, settings } = EXAMPLE_DEFINITION;
const after = (change: Partial<WorkflowDefinition>): DefinitionDiff =>
  diffDefinitions(EXAMPLE_DEFINITION, { ...EXAMPLE_DEFINITION, ...change });
const withConfig = (config: JsonObject): WorkflowDefinition['nodes'] =>
  nodes.map((node) => (node.id === 'notify' ? { ...node, config } : node));

describe('the diff of two definitions', () => {
  it('is empty for the same one', () => {
    expect(after({})).toEqual(SAME);
  });

  it('tells another name', () => {
    expect(after({ name: 'Huge orders' })).toEqual({ ...SAME, name: { before: 'Big orders', after: 'Huge orders' } });
  });

  it('tells nodes that are new and nodes that are gone', () => {
    const added = { id: 'new', type: 'noop', config: {} };
    const [order, big, notify] = nodes;
    expect(after({ nodes: [...nodes.slice(0, 2), added] }).nodes).toEqual({
      added: [added],
      removed: [notify],
      changed: [],
    });
    expect([order?.id, big?.id]).toEqual(['order', 'big']);
  });

  it('tells each place of a node that changed, with what it was and is', () => {
    const config = { method: 'PUT', url: 'https://example.com/big', text: 'x', json: { id: 1, more: [1, { a: 2 }] } };
    expect(after({ nodes: withConfig(config) }).nodes.changed).toEqual([
      {
        id: 'notify',
        changes: [
          { path: 'config.method', before: 'POST', after: 'PUT' },
          { path: 'config.json.id', before: '{{ trigger.body.orderId }}', after: 1 },
          { path: 'config.json.more', after: [1, { a: 2 }] },
          { path: 'config.text', after: 'x' },
        ],
      },
    ]);
  });

  it('tells connections by what they connect', () => {
    const moved = { from: 'big', to: 'notify', output: 'false' };
    expect(after({ connections: [...connections.slice(0, 1), moved] }).connections).toEqual({
      added: [moved],
      removed: [connections[1]],
    });
  });

  it('tells settings', () => {
    expect(after({ settings: { priority: 'high', concurrency: { limit: 3, onLimit: 'queue' } } }).settings).toEqual([
      { path: 'timeoutMs', before: settings.timeoutMs },
      { path: 'priority', before: 'normal', after: 'high' },
      { path: 'concurrency', after: { limit: 3, onLimit: 'queue' } },
    ]);
  });

  it('tells when only the order is another', () => {
    expect(after({ nodes: [...nodes].reverse() })).toEqual({ ...SAME, reordered: ['nodes'] });
    expect(after({ connections: [...connections].reverse() })).toEqual({ ...SAME, reordered: ['connections'] });
  });

  it.each([
    [1_000, 1_000],
    [1_001, 1],
  ])('of a node with %i changes tells %i: beyond 1,000 whole fields', (length, told) => {
    const listOf = (value: number): WorkflowDefinition => ({
      ...EXAMPLE_DEFINITION,
      nodes: withConfig({ json: Array.from({ length }, () => value) }),
    });
    const [changed] = diffDefinitions(listOf(1), listOf(2)).nodes.changed;
    expect(changed?.changes).toHaveLength(told);
    expect(changed?.changes[0]?.path).toBe(told === 1 ? 'config' : 'config.json[0]');
  });
});

const config = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 });
const anyDefinition: fc.Arbitrary<WorkflowDefinition> = fc
  .record({
    name: fc.string(),
    ids,
    configs: fc.array(config, { minLength: 5, maxLength: 5 }),
    ends: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('a', 'b', 'c')), {
      maxLength: 5,
      selector: String,
    }),
    priority: fc.constantFrom('high' as const, 'normal' as const),
  })
  .map(({ name, ids: nodeIds, configs, ends, priority }) => ({
    name,
    nodes: nodeIds.map((id, index) => ({ id, type: 'noop', config: plain(configs[index]) })),
    connections: ends.map(([from, to]) => ({ from, to, output: 'main' })),
    settings: { priority },
  }));

describe('every diff', () => {
  it('is empty exactly when the canonical JSON is the same', () => {
    fc.assert(
      fc.property(anyDefinition, anyDefinition, (one, other) => {
        expect(diffDefinitions(one, plainDefinition(one))).toEqual(SAME);
        const same = canonicalJson(one) === canonicalJson(other);
        expect(canonicalJson(diffDefinitions(one, other)) === canonicalJson(SAME)).toBe(same);
      }),
    );
  });

  it('the other way round tells the same with its sides exchanged', () => {
    fc.assert(
      fc.property(anyDefinition, anyDefinition, (one, other) => {
        const [there, back] = [diffDefinitions(one, other), diffDefinitions(other, one)];
        expect(back.nodes.added).toEqual(there.nodes.removed);
        expect(back.connections.added).toEqual(there.connections.removed);
        expect(back.nodes.changed.map(({ id }) => id).sort()).toEqual(there.nodes.changed.map(({ id }) => id).sort());
        expect(back.reordered).toEqual(there.reordered);
      }),
    );
  });
});

describe('the changes between two values', () => {
  it('tell entries that come to a list of a list in their order', () => {
    const [before, after] = [{ a: [] }, { a: ['x', null] }];
    expect(applyAll(before, changesBetween(before, after, Infinity) ?? [])).toEqual(after);
  });

  it('turn the one into the other', () => {
    fc.assert(
      fc.property(config, config, (one, other) => {
        const [before, target] = [plain(one), plain(other)];
        const changes = changesBetween(before, target, Infinity) ?? [];
        expect(canonicalJson(applyAll(before, changes))).toBe(canonicalJson(target));
      }),
    );
  });
});

/** Entries come in their order and leave from the ends of their lists, so that the indexes told stay true. */
function applyAll(before: JsonValue, changes: readonly StepChange[]): JsonValue {
  const coming = changes.filter((change) => 'after' in change);
  const leaving = changes.filter((change) => !('after' in change)).toReversed();
  return [...coming, ...leaving].reduce<JsonValue>((value, change) => apply(value, change), before);
}

function apply(value: JsonValue, { steps, ...change }: StepChange): JsonValue {
  const [step, ...rest] = steps;
  if (step === undefined) return change.after as JsonValue;
  const entries = new Map<PropertyKey, JsonValue>(
    Array.isArray(value) ? value.map((item: JsonValue, index) => [index, item]) : Object.entries(value as JsonObject),
  );
  if (rest.length === 0 && !('after' in change)) entries.delete(step);
  else entries.set(step, apply(entries.get(step) ?? null, { steps: rest, ...change }));
  if (!Array.isArray(value)) return Object.fromEntries(entries);
  return [...entries].sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
}

function plain(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function plainDefinition(definition: WorkflowDefinition): WorkflowDefinition {
  return JSON.parse(JSON.stringify(definition)) as WorkflowDefinition;
}

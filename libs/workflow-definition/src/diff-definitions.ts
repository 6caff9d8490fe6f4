import { canonicalJson } from './canonical-json.ts';
import type { ConnectionDefinition, NodeDefinition, WorkflowDefinition } from './definition.ts';
import { formatPath } from './problem-path.ts';
import { changesBetween, type StepChange } from './value-changes.ts';

/** A place at which two versions differ. `before` is absent where there was nothing, `after` where nothing is any more. */
export interface ValueChange {
  /** Relative to the node or to the settings, e.g. `config.url`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What turns one definition into another; all empty when they are the same. */
export interface DefinitionDiff {
  readonly name?: { readonly before: string; readonly after: string };
  readonly nodes: {
    readonly added: readonly NodeDefinition[];
    readonly removed: readonly NodeDefinition[];
    /** By node id, of nodes that both have. */
    readonly changed: readonly { readonly id: string; readonly changes: readonly ValueChange[] }[];
  };
  readonly connections: {
    readonly added: readonly ConnectionDefinition[];
    readonly removed: readonly ConnectionDefinition[];
  };
  readonly settings: readonly ValueChange[];
  /** Lists whose common entries stand in another order: triggers are taken and inputs merged in it. */
  readonly reordered: readonly ('nodes' | 'connections')[];
}

/** Changes told one by one; of nodes beyond that, whole fields. Bounds the answer: paths may be long and values many. */
const MOST_CHANGES = 1_000;

export function diffDefinitions(before: WorkflowDefinition, after: WorkflowDefinition): DefinitionDiff {
  const nodes = compareLists(before.nodes, after.nodes, ({ id }) => id);
  const connections = compareLists(before.connections, after.connections, canonicalJson);
  return {
    ...(before.name === after.name ? {} : { name: { before: before.name, after: after.name } }),
    nodes: { added: nodes.added, removed: nodes.removed, changed: changedOf(nodes.common) },
    connections: { added: connections.added, removed: connections.removed },
    settings: changesOf(before.settings, after.settings, MOST_CHANGES),
    reordered: [
      ...(nodes.reordered ? (['nodes'] as const) : []),
      ...(connections.reordered ? (['connections'] as const) : []),
    ],
  };
}

interface ComparedLists<Entry> {
  readonly added: readonly Entry[];
  readonly removed: readonly Entry[];
  /** In the order of the later list. */
  readonly common: readonly { readonly before: Entry; readonly after: Entry }[];
  readonly reordered: boolean;
}

/** Entries are the same by key, and no list has a key twice. */
function compareLists<Entry>(
  before: readonly Entry[],
  after: readonly Entry[],
  keyOf: (entry: Entry) => string,
): ComparedLists<Entry> {
  const earlier = new Map(before.map((entry) => [keyOf(entry), entry]));
  const later = new Map(after.map((entry) => [keyOf(entry), entry]));
  const kept = [...earlier.keys()].filter((key) => later.has(key));
  const common = [...later].flatMap(([key, entry]) => {
    const was = earlier.get(key);
    return was === undefined ? [] : [{ key, before: was, after: entry }];
  });
  return {
    added: after.filter((entry) => !earlier.has(keyOf(entry))),
    removed: before.filter((entry) => !later.has(keyOf(entry))),
    common,
    reordered: common.some(({ key }, index) => key !== kept[index]),
  };
}

function changedOf(nodes: ComparedLists<NodeDefinition>['common']): DefinitionDiff['nodes']['changed'] {
  let left = MOST_CHANGES;
  return nodes.flatMap(({ before, after }) => {
    const changes = changesOf(before, after, left);
    left = Math.max(0, left - changes.length);
    return changes.length === 0 ? [] : [{ id: after.id, changes }];
  });
}

function changesOf(before: object, after: object, most: number): ValueChange[] {
  const changes = changesBetween(before, after, most) ?? changedFields(before, after);
  return changes.map(({ steps, ...sides }) => ({ path: formatPath(steps), ...sides }));
}

/** The fields that differ, each as a whole. */
function changedFields(before: object, after: object): StepChange[] {
  const earlier = new Map<string, unknown>(Object.entries(before));
  const later = new Map<string, unknown>(Object.entries(after));
  return [...new Set([...earlier.keys(), ...later.keys()])]
    .filter((key) => canonicalJson(earlier.get(key) ?? null) !== canonicalJson(later.get(key) ?? null))
    .map((key) => ({
      steps: [key],
      ...(earlier.has(key) ? { before: earlier.get(key) } : {}),
      ...(later.has(key) ? { after: later.get(key) } : {}),
    }));
}

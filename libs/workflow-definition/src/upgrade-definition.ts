import { isJsonObject, type JsonObject, type Problem } from '#libs/kernel';
import { nodeTypeNameOf, writtenNodeType, type NodeTypes, type UpgradedConfig } from '#libs/node-kit';
import type { NodeDefinition, WorkflowDefinition } from './definition.ts';
import { joinPath } from './problem-path.ts';
import { versionsOf } from './unknown-node-type.ts';

/** A node goes from a version of its type to a newer one. */
export interface UpgradeStep {
  /** Of the node, or of the loop that it is within. */
  readonly nodeId: string;
  /** Of the node in the definition, e.g. `nodes[2]`, or `nodes[2].config.node` within a loop. */
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** Why `from` is deprecated. */
  readonly reason: string;
  /** What a person has to look at, with paths in the definition as this step leaves it. */
  readonly notes: readonly Problem[];
}

export interface UpgradedDefinition {
  /** Not checked: a config may be refused, and connections may leave by outputs that are gone. */
  readonly definition: WorkflowDefinition;
  /** In the order of the nodes; of a node in the order in which they are taken. */
  readonly steps: readonly UpgradeStep[];
}

/**
 * The definition with the newest version of each node type that is deprecated. A type that is replaced by one of another
 * name stays: nothing says how its config becomes one of that, so people make this change.
 */
export function upgradeDefinition(definition: WorkflowDefinition, nodeTypes: NodeTypes): UpgradedDefinition {
  const upgraded = definition.nodes.map((node, index) => upgradeNode(node, `nodes[${index}]`, nodeTypes));
  return {
    definition: { ...definition, nodes: upgraded.map(({ node }) => node) },
    steps: upgraded.flatMap(({ steps }) => steps),
  };
}

interface Typed {
  readonly type: string;
  readonly config: JsonObject;
}

interface Place {
  readonly nodeId: string;
  readonly path: string;
  readonly nodeTypes: NodeTypes;
}

function upgradeNode(
  node: NodeDefinition,
  path: string,
  nodeTypes: NodeTypes,
): { readonly node: NodeDefinition; readonly steps: readonly UpgradeStep[] } {
  const own = newest(node, { nodeId: node.id, path, nodeTypes });
  const inner = innerOf(own.typed, nodeTypes);
  if (!inner) return { node: { ...node, ...own.typed }, steps: own.steps };
  const at = { nodeId: node.id, path: joinPath(`${path}.config`, inner.around.join('.')), nodeTypes };
  const within = newest(inner, at);
  const config = within.steps.length === 0 ? own.typed.config : withInner(own.typed.config, inner.around, within.typed);
  return { node: { ...node, type: own.typed.type, config }, steps: [...own.steps, ...within.steps] };
}

/** One version after the other, as far as there are better ones. */
function newest(
  { type, config }: Typed,
  place: Place,
): { readonly typed: Typed; readonly steps: readonly UpgradeStep[] } {
  const steps: UpgradeStep[] = [];
  let typed: Typed = { type, config };
  for (let next = nextOf(typed.type, place.nodeTypes); next; next = nextOf(typed.type, place.nodeTypes)) {
    const { nodeId, path, nodeTypes } = place;
    const upgraded = upgradedBy(next.through, typed.config, nodeTypes);
    const notes = upgraded.notes.map((note) => ({ ...note, path: joinPath(`${path}.config`, note.path) }));
    steps.push({ nodeId, path, from: typed.type, to: next.to, reason: next.reason, notes });
    typed = { type: next.to, config: upgraded.config };
  }
  return { typed, steps };
}

interface Next {
  readonly to: string;
  readonly reason: string;
  /** The versions after the one of now, up to `to`: each knows the way from the one before. */
  readonly through: readonly string[];
}

function nextOf(type: string, nodeTypes: NodeTypes): Next | undefined {
  const deprecated = nodeTypes.get(type)?.deprecated;
  if (!deprecated || !nodeTypes.has(deprecated.replacedBy)) return undefined;
  const [now, then] = [nodeTypeNameOf(type), nodeTypeNameOf(deprecated.replacedBy)];
  // A version that leads back to an older one would lead round for ever.
  if (now.name !== then.name || then.version <= now.version) return undefined;
  const between = versionsOf(now.name, nodeTypes).filter((one) => one > now.version && one <= then.version);
  const through = between.map((version) => writtenNodeType({ name: now.name, version }));
  return { to: deprecated.replacedBy, reason: deprecated.reason, through };
}

function upgradedBy(through: readonly string[], config: JsonObject, nodeTypes: NodeTypes): UpgradedConfig {
  return through.reduce<UpgradedConfig>(
    (before, type) => {
      const after = nodeTypes.get(type)?.upgrade?.(before.config);
      return after ? { config: after.config, notes: [...before.notes, ...after.notes] } : before;
    },
    { config, notes: [] },
  );
}

interface Inner extends Typed {
  /** From the config of the loop to the node within it. */
  readonly around: readonly string[];
}

/** Undefined too for what a loop makes up by itself: then no field of its config holds the node. */
function innerOf({ type, config }: Typed, nodeTypes: NodeTypes): Inner | undefined {
  const nodeType = nodeTypes.get(type);
  const inner = nodeType?.runs === 'engine' ? nodeType.innerOf?.(config) : undefined;
  if (!inner) return undefined;
  const around = inner.path.split('.').slice(0, -1);
  return fieldAt(config, around)?.type === inner.type ? { type: inner.type, config: inner.config, around } : undefined;
}

function fieldAt(config: JsonObject, steps: readonly string[]): JsonObject | undefined {
  return steps.reduce<JsonObject | undefined>((around, step) => {
    const field = around && Object.hasOwn(around, step) ? around[step] : undefined;
    return isJsonObject(field) ? field : undefined;
  }, config);
}

function withInner(config: JsonObject, [step, ...rest]: readonly string[], inner: Typed): JsonObject {
  if (step === undefined) return { ...config, ...inner };
  const field = config[step];
  return { ...config, [step]: withInner(isJsonObject(field) ? field : {}, rest, inner) };
}

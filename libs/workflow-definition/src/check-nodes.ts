import type { Problem } from '#libs/kernel';
import type { InnerNode, NodeType, NodeTypes } from '#libs/node-kit';
import { checkConfig, type CheckedConfig } from './check-config.ts';
import { checkCredentialFields } from './credential-references.ts';
import type { Draft, DraftNode } from './draft.ts';
import { unknownNodeType } from './unknown-node-type.ts';

export interface CheckedNodes {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly configs: ReadonlyMap<DraftNode, CheckedConfig>;
}

/** What is wrong with each node by itself: its id among the others, its type, its config. */
export function checkNodes(draft: Draft, nodeTypes: NodeTypes): CheckedNodes {
  const configs = new Map<DraftNode, CheckedConfig>();
  const problems: Problem[] = [];
  for (const node of draft.nodes) {
    problems.push(...checkId(node, draft), ...checkType(node, nodeTypes), ...checkOnError(node));
    if (!node.nodeType || !node.config) continue;
    const checked = checkConfig(node.nodeType, node.config, `${node.path}.config`);
    configs.set(node, checked);
    problems.push(...checked.problems, ...checkCredentialFields(node.config, `${node.path}.config`));
    if (node.nodeType.runs === 'engine')
      problems.push(...checkInner(node.nodeType.innerOf?.(node.config), node, nodeTypes));
  }
  if (!draft.nodes.some((node) => node.nodeType?.kind === 'trigger')) {
    problems.push({ path: 'nodes', message: 'needs a trigger, or nothing ever starts an execution' });
  }
  const warnings = draft.nodes.flatMap((node) => [...deprecations(node, nodeTypes), ...idleFields(node)]);
  return { problems, warnings, configs };
}

/** Of the node and of the one within it: there are better ones by now. */
function deprecations({ path, nodeType, config = {} }: DraftNode, nodeTypes: NodeTypes): Problem[] {
  const inner = nodeType?.runs === 'engine' ? nodeType.innerOf?.(config) : undefined;
  return [
    ...deprecation(nodeType, `${path}.type`),
    ...(inner ? deprecation(nodeTypes.get(inner.type), typePathOf(`${path}.config.${inner.path}`)) : []),
  ];
}

function deprecation(nodeType: NodeType | undefined, path: string): Problem[] {
  if (!nodeType?.deprecated) return [];
  const { reason, replacedBy } = nodeType.deprecated;
  return [{ path, message: `"${nodeType.type}" is deprecated: ${reason}; "${replacedBy}" takes its place` }];
}

/** Beside the config of a node. */
function typePathOf(configPath: string): string {
  return configPath.replace(/config$/, 'type');
}

function checkId(node: DraftNode, draft: Draft): Problem[] {
  if (node.id === undefined) return [];
  const first = draft.byId.get(node.id);
  if (!first || first === node) return [];
  return [{ path: `${node.path}.id`, message: `"${node.id}" is already the id of ${first.path}` }];
}

function checkType(node: DraftNode, nodeTypes: NodeTypes): Problem[] {
  if (node.typeName === undefined || node.typeName === '' || node.nodeType) return [];
  return [{ path: `${node.path}.type`, message: unknownNodeType(node.typeName, nodeTypes) }];
}

function checkOnError(node: DraftNode): Problem[] {
  if (node.nodeType?.kind !== 'trigger' || node.onError === undefined || node.onError === 'fail') return [];
  return [
    { path: `${node.path}.onError`, message: `a trigger does not fail, so "${shown(node.onError)}" says nothing` },
  ];
}

/** What a loop does with each item: an action that gives its output by itself, configured as everywhere. */
function checkInner(inner: InnerNode | undefined, { path }: DraftNode, nodeTypes: NodeTypes): Problem[] {
  if (!inner) return [];
  const at = `${path}.config.${inner.path}`;
  const nodeType = nodeTypes.get(inner.type);
  const typePath = typePathOf(at);
  if (!nodeType) return [{ path: typePath, message: unknownNodeType(inner.type, nodeTypes) }];
  if (nodeType.kind !== 'action' || nodeType.runs === 'engine') {
    return [
      { path: typePath, message: `"${inner.type}" cannot run within another node; actions can that do not wait` },
    ];
  }
  return [...checkConfig(nodeType, inner.config, at).problems, ...checkCredentialFields(inner.config, at)];
}

const IDLE_FIELDS: Readonly<Record<NodeType['runs'], { readonly fields: readonly string[]; readonly why: string }>> = {
  trigger: { fields: ['retry', 'timeoutMs', 'join', 'onInterrupted'], why: 'a trigger is not run' },
  decision: {
    fields: ['retry', 'timeoutMs', 'onInterrupted', 'debounce', 'throttle'],
    why: 'it is computed at once, without attempts',
  },
  engine: {
    fields: ['retry', 'timeoutMs', 'onInterrupted', 'debounce', 'throttle'],
    why: 'the engine does it without attempts',
  },
  executor: { fields: ['debounce', 'throttle'], why: 'only triggers hold executions back' },
};

/** Fields that a node accepts and never looks at. */
function idleFields(node: DraftNode): Problem[] {
  if (!node.nodeType) return [];
  const { fields, why } = IDLE_FIELDS[node.nodeType.runs];
  return fields
    .filter((field) => node.fields.has(field))
    .map((field) => ({ path: `${node.path}.${field}`, message: `has no effect: ${why}` }));
}

function shown(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

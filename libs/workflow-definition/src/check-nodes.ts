import type { Problem } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { checkConfig, type CheckedConfig } from './check-config.ts';
import { checkCredentialFields } from './credential-references.ts';
import type { Draft, DraftNode } from './draft.ts';
import { didYouMean } from './suggest.ts';

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
  }
  if (!draft.nodes.some((node) => node.nodeType?.kind === 'trigger')) {
    problems.push({ path: 'nodes', message: 'needs a trigger, or nothing ever starts an execution' });
  }
  return { problems, warnings: draft.nodes.flatMap(idleFields), configs };
}

function checkId(node: DraftNode, draft: Draft): Problem[] {
  if (node.id === undefined) return [];
  const first = draft.byId.get(node.id);
  if (!first || first === node) return [];
  return [{ path: `${node.path}.id`, message: `"${node.id}" is already the id of ${first.path}` }];
}

function checkType(node: DraftNode, nodeTypes: NodeTypes): Problem[] {
  if (node.typeName === undefined || node.typeName === '' || node.nodeType) return [];
  const message = `there is no node type "${shown(node.typeName)}"${didYouMean(node.typeName, nodeTypes.keys())}`;
  return [{ path: `${node.path}.type`, message }];
}

function checkOnError(node: DraftNode): Problem[] {
  if (node.nodeType?.kind !== 'trigger' || node.onError === undefined || node.onError === 'fail') return [];
  return [
    { path: `${node.path}.onError`, message: `a trigger does not fail, so "${shown(node.onError)}" says nothing` },
  ];
}

/** Fields that a node accepts and never looks at. */
function idleFields(node: DraftNode): Problem[] {
  if (!node.nodeType || node.nodeType.runs === 'executor') return [];
  const idle = node.nodeType.runs === 'trigger' ? ['retry', 'timeoutMs', 'join'] : ['retry', 'timeoutMs'];
  const why =
    node.nodeType.runs === 'trigger'
      ? 'a trigger is not run'
      : `"${node.nodeType.type}" is computed at once, without attempts`;
  return idle
    .filter((field) => node.fields.has(field))
    .map((field) => ({ path: `${node.path}.${field}`, message: `has no effect: ${why}` }));
}

function shown(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

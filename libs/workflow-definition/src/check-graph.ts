import type { Problem } from '#libs/kernel';
import { compileTemplate, type CompiledTemplate } from '#libs/expressions';
import { expressionProblem, type CheckedConfig } from './check-config.ts';
import { edgesOf, type Draft, type DraftNode } from './draft.ts';
import { buildGraph, findCycles, reachableFrom, type Graph } from './graph.ts';
import { joinPath } from './problem-path.ts';
import { didYouMean } from './suggest.ts';
import { findTexts } from './texts.ts';

type Configs = ReadonlyMap<DraftNode, CheckedConfig>;

/** What is wrong with the whole: its order, and who reads whose output. */
export function checkGraph(draft: Draft, configs: Configs): { problems: Problem[]; warnings: Problem[] } {
  const edges = edgesOf(draft).filter((edge) => edge.from !== edge.to);
  const graph = buildGraph(draft.byId.keys(), edges);
  const problems = [
    ...findCycles(graph).map((cycle) => cycleProblem(cycle, edges)),
    ...[...configs].flatMap(([node, config]) => checkReferences(node, config, { draft, graph })),
    ...checkKeys(draft),
  ];
  return { problems, warnings: findUnreachable(draft, graph) };
}

function cycleProblem(
  cycle: readonly string[],
  edges: readonly { readonly path: string; readonly from: string; readonly to: string }[],
): Problem {
  const closing = edges.find((edge) => edge.from === cycle.at(-1) && edge.to === cycle[0]);
  const round = [...cycle, cycle[0]].join(' → ');
  return { path: closing?.path ?? 'connections', message: `closes a cycle, and a graph must have none: ${round}` };
}

function findUnreachable(draft: Draft, graph: Graph): Problem[] {
  const triggers = [...draft.byId].filter(([, node]) => node.nodeType?.kind === 'trigger').map(([id]) => id);
  if (triggers.length === 0) return [];
  const reached = new Set([...triggers, ...reachableFrom(triggers, graph.next)]);
  return [...draft.byId]
    .filter(([id]) => !reached.has(id))
    .map(([id, node]) => ({ path: node.path, message: `no trigger leads to "${id}", so it never runs` }));
}

interface Whole {
  readonly draft: Draft;
  readonly graph: Graph;
}

function checkReferences(node: DraftNode, checked: CheckedConfig, whole: Whole): Problem[] {
  const references = checked.template?.nodeReferences ?? [];
  if (references.length === 0 || node.id === undefined) return [];
  const upstream = reachableFrom([node.id], whole.graph.previous);
  return references
    .filter((id) => !upstream.has(id))
    .flatMap((id) => {
      const message = explainReference(id, node.id, whole.draft);
      return placesOf(id, node).map((path) => ({ path, message }));
    });
}

function explainReference(id: string, own: string | undefined, draft: Draft): string {
  if (id === own) return `a node cannot read its own output, nodes.${id}`;
  if (draft.byId.has(id))
    return `reads nodes.${id}, which is not before this node: no connection leads from there to here`;
  return `reads nodes.${id.slice(0, 64)}, and there is no such node${didYouMean(id, draft.byId.keys())}`;
}

/** The strings of a config that read the node. Looked for only once something is wrong, hence compiled again. */
function placesOf(id: string, node: DraftNode): string[] {
  const places = findTexts(node.config ?? {})
    .filter(({ text }) => text.includes('{{') && templateOf(text)?.nodeReferences.includes(id))
    .map(({ path }) => joinPath(`${node.path}.config`, path));
  return places.length > 0 ? places : [`${node.path}.config`];
}

function templateOf(text: string): CompiledTemplate | undefined {
  const compiled = compileTemplate(text);
  return compiled.kind === 'compiled' ? compiled.template : undefined;
}

/** Keys are evaluated before any node ran. */
function checkKeys(draft: Draft): Problem[] {
  return draft.keys.flatMap(({ path, template }) => {
    const compiled = compileTemplate(template);
    if (compiled.kind === 'refused') return compiled.problems.map((problem) => expressionProblem(problem, path));
    return compiled.template.nodeReferences.map((id) => ({
      path,
      message: `reads nodes.${id}, but is evaluated before any node ran; it may read trigger`,
    }));
  });
}

import { isDeeperThan, isJsonObject, type Problem } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { checkConnections, findStrandedFailures } from './check-connections.ts';
import { checkGraph } from './check-graph.ts';
import { checkNodes } from './check-nodes.ts';
import { definitionSchema } from './definition-schema.ts';
import type { WorkflowDefinition } from './definition.ts';
import { readDraft } from './draft.ts';
import { DEFINITION_LIMITS } from './limits.ts';
import { schemaProblems } from './schema-problems.ts';
import { utf8Length } from './utf8-length.ts';

export type ParsedDefinition =
  | { readonly kind: 'accepted'; readonly definition: WorkflowDefinition; readonly warnings: readonly Problem[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/**
 * A definition as it came over the wire, checked and with its defaults, or every problem found in it. Paths are those of
 * the input, e.g. `nodes[2].config.url`; the empty path means the whole. Never throws on what JSON.parse can give.
 */
export function parseDefinition(input: unknown, nodeTypes: NodeTypes): ParsedDefinition {
  const tooMuch = checkSize(input);
  if (tooMuch.length > 0) return { kind: 'refused', problems: tooMuch };
  const shape = definitionSchema.safeParse(input);
  const draft = readDraft(input, nodeTypes);
  const nodes = checkNodes(draft, nodeTypes);
  const graph = checkGraph(draft, nodes.configs);
  const problems = [
    ...(shape.success ? [] : schemaProblems(shape.error.issues, '')),
    ...nodes.problems,
    ...checkConnections(draft),
    ...graph.problems,
  ];
  if (!shape.success || problems.length > 0) return { kind: 'refused', problems: bounded(withoutRepeats(problems)) };
  return {
    kind: 'accepted',
    definition: shape.data,
    warnings: bounded([...nodes.warnings, ...findStrandedFailures(draft), ...graph.warnings]),
  };
}

/** What is too large is not looked into: the work of every other check is bounded by these limits. */
function checkSize(input: unknown): Problem[] {
  if (isDeeperThan(input, DEFINITION_LIMITS.depth)) {
    return [{ path: '', message: `nests deeper than ${DEFINITION_LIMITS.depth} levels` }];
  }
  const problems: Problem[] = [];
  if (utf8Length(JSON.stringify(input) ?? '') > DEFINITION_LIMITS.bytes) {
    problems.push({ path: '', message: `is larger than ${DEFINITION_LIMITS.bytes} bytes of JSON` });
  }
  for (const list of ['nodes', 'connections'] as const) {
    const value: unknown = isJsonObject(input) ? input[list] : undefined;
    const most = DEFINITION_LIMITS[list];
    if (!Array.isArray(value) || value.length <= most) continue;
    problems.push({ path: list, message: `has ${value.length} entries, and at most ${most} are allowed` });
  }
  return problems;
}

function withoutRepeats(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify([problem.path, problem.message]), problem])).values()];
}

function bounded(problems: readonly Problem[]): readonly Problem[] {
  const most = DEFINITION_LIMITS.problems;
  if (problems.length <= most) return problems;
  return [...problems.slice(0, most), { path: '', message: `has ${problems.length - most} more problems, not listed` }];
}

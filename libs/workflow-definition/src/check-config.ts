import type { JsonObject, JsonValue, Problem } from '#libs/kernel';
import { compileTemplate, type CompiledTemplate } from '#libs/expressions';
import type { NodeType } from '#libs/node-kit';
import { joinPath } from './problem-path.ts';
import { schemaProblems, type SchemaIssue } from './schema-problems.ts';

export interface CheckedConfig {
  readonly problems: readonly Problem[];
  /** Absent when the config holds an expression that does not parse, and for triggers, whose config is never evaluated. */
  readonly template: CompiledTemplate | undefined;
}

/** Everything wrong with a config as written. `path` is that of the config, e.g. `nodes[2].config`. */
export function checkConfig(nodeType: NodeType, config: JsonObject, path: string): CheckedConfig {
  const evaluated = nodeType.runs !== 'trigger';
  const compiled = evaluated ? compileTemplate(config) : undefined;
  const problems = [
    ...checkAgainstSchema(nodeType, config, { path, evaluated }),
    ...(nodeType.check?.(config) ?? []).map((problem) => ({ ...problem, path: joinPath(path, problem.path) })),
    ...(compiled?.kind === 'refused' ? compiled.problems.map((problem) => expressionProblem(problem, path)) : []),
  ];
  return { problems, template: compiled?.kind === 'compiled' ? compiled.template : undefined };
}

export function expressionProblem(
  problem: { readonly path: string; readonly offset: number; readonly message: string },
  path: string,
): Problem {
  return { path: joinPath(path, problem.path), message: `expression at offset ${problem.offset}: ${problem.message}` };
}

function checkAgainstSchema(
  nodeType: NodeType,
  config: JsonObject,
  at: { readonly path: string; readonly evaluated: boolean },
): Problem[] {
  const parsed = nodeType.configSchema.safeParse(config);
  if (parsed.success) return [];
  const counted = at.evaluated
    ? parsed.error.issues.filter((issue) => !standsForAnyValue(issue, config))
    : parsed.error.issues;
  return schemaProblems(counted, at.path);
}

/**
 * Whether an issue says nothing yet, because at its place or above stands an expression whose value nobody knows before it
 * ran. Of a union, one branch that only fails in such places is enough.
 */
function standsForAnyValue(issue: SchemaIssue, value: JsonValue): boolean {
  const found = descend(value, issue.path);
  if (found.kind === 'expression') return true;
  if (issue.code !== 'invalid_union' || found.kind === 'nothing') return false;
  return issue.errors.some(
    (branch) => branch.length > 0 && branch.every((inner) => standsForAnyValue(inner, found.value)),
  );
}

type Found =
  | { readonly kind: 'expression' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'value'; readonly value: JsonValue };

function descend(value: JsonValue, path: readonly PropertyKey[]): Found {
  let current: JsonValue = value;
  for (const step of path) {
    if (typeof current === 'string') break;
    const child: JsonValue | undefined = childOf(current, step);
    if (child === undefined) return { kind: 'nothing' };
    current = child;
  }
  if (typeof current === 'string' && current.includes('{{')) return { kind: 'expression' };
  return { kind: 'value', value: current };
}

function childOf(value: JsonValue, step: PropertyKey): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Readonly<Record<PropertyKey, JsonValue>>)[step];
}

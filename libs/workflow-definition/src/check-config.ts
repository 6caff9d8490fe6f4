import type { JsonObject, JsonValue, Problem } from '#libs/kernel';
import { compileTemplate, type CompiledTemplate } from '#libs/expressions';
import type { NodeType } from '#libs/node-kit';
import { pick, without } from './evaluated-config.ts';
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
  const compiled = evaluated ? compileTemplate(templatesIn(nodeType, config)) : undefined;
  const ofSchema = checkAgainstSchema(nodeType, config, { path, evaluated });
  const ofType = (nodeType.check?.(config) ?? []).map((problem) => ({
    ...problem,
    path: joinPath(path, problem.path),
  }));
  const problems = [
    ...ofSchema,
    // A schema may say the same when all of it could be looked at.
    ...ofType.filter((problem) => ofSchema.every((told) => told.path !== problem.path)),
    ...(compiled?.kind === 'refused' ? compiled.problems.map((problem) => expressionProblem(problem, path)) : []),
  ];
  return { problems, template: compiled?.kind === 'compiled' ? compiled.template : undefined };
}

function templatesIn({ verbatim = [] }: NodeType, config: JsonObject): JsonObject {
  return without(config, pick(config, verbatim));
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
  const { issues } = parsed.error;
  if (!at.evaluated) return schemaProblems(issues, at.path);
  // What is not evaluated with the rest meets the schema as it is written.
  const asWritten: readonly PropertyKey[] = [...(nodeType.verbatim ?? []), ...(nodeType.perItem ?? [])];
  const told = issues.flatMap((issue) =>
    asWritten.includes(issue.path[0] ?? '') ? [issue] : withoutExpressions([issue], config),
  );
  return schemaProblems(told, at.path);
}

/**
 * What is left of the issues when those are gone that say nothing yet, because at their place or above it stands an
 * expression, whose value nobody knows before it ran. A union has nothing against it once one of its branches has not.
 */
function withoutExpressions(issues: readonly SchemaIssue[], value: JsonValue): SchemaIssue[] {
  return issues.flatMap((issue): SchemaIssue[] => {
    const found = descend(value, issue.path);
    if (found.kind === 'expression') return [];
    if (issue.code !== 'invalid_union' || found.kind === 'nothing' || issue.errors.length === 0) return [issue];
    const errors = issue.errors.map((branch) => withoutExpressions(branch, found.value));
    return errors.some((branch) => branch.length === 0)
      ? []
      : [{ code: issue.code, path: issue.path, message: issue.message, errors }];
  });
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

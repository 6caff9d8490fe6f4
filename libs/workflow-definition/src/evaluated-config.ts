import type { JsonObject, JsonValue } from '#libs/kernel';
import { compileTemplate, EvaluationBudget, ExpressionError, type Scope } from '#libs/expressions';
import { NodeError, type NodeType, type PureNodeInput } from '#libs/node-kit';
import type { z } from 'zod';
import { schemaProblems } from './schema-problems.ts';

/**
 * Compiles a config once; what it gives back evaluates and parses it. A config without expressions is parsed here, not on
 * every execution. A published version may meet a node type that has grown stricter since: then the node fails when it
 * runs, not the plan of everything around it.
 */
export function prepareConfig(nodeType: NodeType, config: JsonObject): (scope: Scope) => JsonObject {
  const schema = nodeType.configSchema;
  const asWritten = pick(config, [...(nodeType.verbatim ?? []), ...(nodeType.perItem ?? [])]);
  const evaluate = prepareTemplate(without(config, asWritten));
  if (evaluate.dynamic) return (scope) => parseEvaluated(schema, { ...evaluate(scope), ...asWritten });
  const parsed = schema.safeParse(config);
  return parsed.success ? () => parsed.data : () => parseEvaluated(schema, config);
}

type ForItem = PureNodeInput<JsonObject>['forItem'];

/**
 * Compiles the fields that are evaluated item by item. However many items there are, all evaluations that one call of
 * what it gives back leads to share one budget, so that a decision stays short.
 */
export function prepareForItem(nodeType: NodeType, config: JsonObject): (scope: Scope) => ForItem {
  const fields = new Map((nodeType.perItem ?? []).map((field) => [field, prepareTemplate(pick(config, [field]))]));
  return (scope) => {
    const budget = new EvaluationBudget();
    return (field, item, index) => {
      try {
        return fields.get(field)?.({ ...scope, item, index }, budget)[field] ?? null;
      } catch (error) {
        throw error instanceof ExpressionError ? atItem(error, index) : error;
      }
    };
  };
}

function atItem(error: ExpressionError, index: number): ExpressionError {
  return new ExpressionError(`${error.message}, at item ${index}`, error, { hint: error.hint, cause: error });
}

interface Template {
  (scope: Scope, budget?: EvaluationBudget): JsonObject;
  readonly dynamic: boolean;
}

function prepareTemplate(config: JsonObject): Template {
  const compiled = compileTemplate(config);
  if (compiled.kind === 'compiled') {
    const { template } = compiled;
    const evaluate = (scope: Scope, budget?: EvaluationBudget) => template.evaluate(scope, budget) as JsonObject;
    return Object.assign(evaluate, { dynamic: template.dynamic });
  }
  const { problems } = compiled;
  const refuse = (): never => {
    throw new NodeError('EXPRESSION_FAILED', 'an expression of this published config does not parse any more', {
      retryable: false,
      details: {
        problems: problems.map(({ path, expression, offset, message }) => ({ path, expression, offset, message })),
      },
    });
  };
  return Object.assign(refuse, { dynamic: true });
}

export function pick(config: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([field]) => fields.includes(field)));
}

export function without(config: JsonObject, taken: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([field]) => !Object.hasOwn(taken, field)));
}

function parseEvaluated<Config>(schema: z.ZodType<Config>, evaluated: JsonValue): Config {
  const parsed = schema.safeParse(evaluated);
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error.issues, '').slice(0, 20);
  const told = problems.map(({ path, message }) => `${path === '' ? 'config' : path} ${message}`).join('; ');
  throw new NodeError('INVALID_CONFIG', `the evaluated config does not fit: ${told}`, {
    retryable: false,
    details: { problems: problems.map(({ path, message }) => ({ path, message })) },
  });
}

import type { JsonObject, JsonValue } from '#libs/kernel';
import { compileTemplate, type Scope } from '#libs/expressions';
import { NodeError } from '#libs/node-kit';
import type { z } from 'zod';
import { schemaProblems } from './schema-problems.ts';

/**
 * Compiles a config once; what it gives back evaluates and parses it. A config without expressions is parsed here, not on
 * every execution. A published version may meet a node type that has grown stricter since: then the node fails when it
 * runs, not the plan of everything around it.
 */
export function prepareConfig<Config>(schema: z.ZodType<Config>, config: JsonObject): (scope: Scope) => Config {
  const compiled = compileTemplate(config);
  if (compiled.kind === 'refused') {
    const { problems } = compiled;
    return () => {
      throw new NodeError('EXPRESSION_FAILED', 'an expression of this published config does not parse any more', {
        retryable: false,
        details: {
          problems: problems.map(({ path, expression, offset, message }) => ({ path, expression, offset, message })),
        },
      });
    };
  }
  const { template } = compiled;
  if (template.dynamic) return (scope) => parseEvaluated(schema, template.evaluate(scope));
  const parsed = schema.safeParse(config);
  return parsed.success ? () => parsed.data : () => parseEvaluated(schema, config);
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

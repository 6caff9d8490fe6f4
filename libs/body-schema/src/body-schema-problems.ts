import { isDeeperThan, MAX_JSON_DEPTH, type JsonObject, type Problem } from '#libs/kernel';
import { evaluationProblem } from './check-evaluations.ts';
import { createFinder } from './compile-body-schema.ts';
import { draftOf } from './draft.ts';
import { BODY_SCHEMA_LIMITS } from './limits.ts';
import { metaSchemaProblems } from './meta-schema.ts';
import { readSchema } from './read-schema.ts';
import { writeSchema, type WrittenSchema } from './write-schema.ts';

/**
 * Why a schema is refused; none for one that `compileBodySchema` takes. What is found first hides what could be found after:
 * each look relies on the ones before.
 */
export function bodySchemaProblems(schema: JsonObject): Problem[] {
  const size = sizeProblem(schema);
  if (size !== undefined) return [{ path: 'schema', message: size }];
  const draft = draftOf(schema);
  if (draft === undefined) {
    return [{ path: 'schema.$schema', message: 'must be draft 2020-12 or draft-07; leave it out for 2020-12' }];
  }
  const problems = metaSchemaProblems(schema, draft);
  if (problems.length > 0) return problems;
  const read = readSchema(schema, draft);
  if (read.problems.length > 0) return [...read.problems];
  const evaluations = evaluationProblem(read);
  if (evaluations) return [evaluations];
  return compileProblems(writeSchema(read));
}

/** What is published compiles: it was compiled, both ways. */
function compileProblems(written: WrittenSchema): Problem[] {
  try {
    createFinder(written, false);
    createFinder(written, true);
    return [];
  } catch (error) {
    // Ajv compiles what a $ref leads to before it goes on; a chain of several hundred overflows the stack.
    if (!(error instanceof RangeError)) throw error;
    return [{ path: 'schema', message: 'has too long a chain of $ref; let fewer schemas refer on to the next' }];
  }
}

function sizeProblem(schema: JsonObject): string | undefined {
  const { maxSchemaBytes } = BODY_SCHEMA_LIMITS;
  if (isDeeperThan(schema, MAX_JSON_DEPTH)) return `is nested deeper than ${MAX_JSON_DEPTH} levels`;
  return Buffer.byteLength(JSON.stringify(schema)) > maxSchemaBytes
    ? `is larger than ${maxSchemaBytes} bytes`
    : undefined;
}

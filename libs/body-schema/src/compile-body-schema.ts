import { InvariantError, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { bodyProblems } from './body-problems.ts';
import { createAjv } from './create-ajv.ts';
import { draftOf } from './draft.ts';
import { BODY_SCHEMA_LIMITS } from './limits.ts';
import { readSchema } from './read-schema.ts';
import { OutOfStepsError, StepBudget } from './step-budget.ts';
import { writeSchema, type WrittenSchema } from './write-schema.ts';

/** The problems of a body; none when the schema allows it. The body is left as it is. */
export type BodyValidator = (body: JsonValue) => readonly Problem[];

/**
 * Compiles a schema without a problem. A body is checked up to its first problem; only when it has one, and is small, a second
 * validator gathers them all, and only then is it compiled.
 */
export function compileBodySchema(schema: JsonObject): BodyValidator {
  const written = writtenSchemaOf(schema);
  const findFirst = createFinder(written, false);
  let findAll: Finder | undefined;
  return (body) => {
    const first = findFirst(body, BODY_SCHEMA_LIMITS.maxSteps);
    if (first === 'outOfSteps') return [OUT_OF_STEPS];
    if (first.length === 0 || !isSmall(body)) return first;
    findAll ??= createFinder(written, true);
    const all = findAll(body, BODY_SCHEMA_LIMITS.maxStepsForAllProblems);
    return all === 'outOfSteps' ? first : all;
  };
}

export type Finder = (body: JsonValue, maxSteps: number) => readonly Problem[] | 'outOfSteps';

/** One validator: up to the first problem, or with all of them. */
export function createFinder({ schema, tracksUnevaluated }: WrittenSchema, allErrors: boolean): Finder {
  const steps = new StepBudget();
  const validate: ValidateFunction = createAjv(steps, { allErrors, tracksUnevaluated }).compile(schema);
  return (body, maxSteps) => {
    steps.restart(maxSteps);
    try {
      return validate(body) ? [] : bodyProblems(validate.errors ?? [], body);
    } catch (error) {
      // A stack that overflows is a chain of references as long as a schema allows, on every level of the body.
      if (error instanceof OutOfStepsError || error instanceof RangeError) return 'outOfSteps';
      throw error;
    } finally {
      // The errors hold on to the body's texts.
      validate.errors = null;
    }
  };
}

export function writtenSchemaOf(schema: JsonObject): WrittenSchema {
  const draft = draftOf(schema);
  if (draft === undefined) throw new InvariantError('a schema of an unknown draft was published');
  const read = readSchema(schema, draft);
  if (read.problems.length > 0) throw new InvariantError('a schema with problems was published');
  return writeSchema(read);
}

const OUT_OF_STEPS: Problem = {
  path: 'body',
  message: 'takes too long to check against the schema; send less at once, or publish a simpler schema',
};

function isSmall(body: JsonValue): boolean {
  return Buffer.byteLength(JSON.stringify(body)) < BODY_SCHEMA_LIMITS.maxBodyBytesForAllProblems;
}

import { InvariantError, type JsonObject, type Problem } from '#libs/kernel';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { createMetaAjv } from './create-ajv.ts';
import type { Draft } from './draft.ts';
import { schemaPath, stepsOf } from './problem-paths.ts';
import { StepBudget } from './step-budget.ts';

const IDS: Readonly<Record<Draft, string>> = {
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
  '7': 'http://json-schema.org/draft-07/schema',
};
const validators = new Map<Draft, ValidateFunction>();

/** What its draft's meta-schema does not allow in a schema; the size of the schema bounds what it costs. */
export function metaSchemaProblems(schema: JsonObject, draft: Draft): Problem[] {
  const validate = validatorOf(draft);
  if (validate(schema)) return [];
  // Of a union every branch tells what it expected; the first one says it best.
  const first = new Map<string, ErrorObject>();
  for (const error of validate.errors ?? []) {
    if (!first.has(error.instancePath)) first.set(error.instancePath, error);
  }
  validate.errors = null;
  return [...first.values()].map(({ instancePath, message = 'is not valid' }) => ({
    path: schemaPath(stepsOf(instancePath, schema)),
    message: message.replace('must NOT', 'must not'),
  }));
}

function validatorOf(draft: Draft): ValidateFunction {
  const present = validators.get(draft);
  if (present) return present;
  const steps = new StepBudget();
  steps.restart(Infinity);
  const validate = createMetaAjv(steps, draft).getSchema(IDS[draft]);
  if (!validate) throw new InvariantError(`ajv has no meta-schema of draft ${draft}`);
  validators.set(draft, validate);
  return validate;
}

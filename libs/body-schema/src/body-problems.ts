import type { JsonValue, Problem } from '#libs/kernel';
import type { ErrorObject } from 'ajv/dist/2020.js';
import { BODY_SCHEMA_LIMITS } from './limits.ts';
import { bodyPath, stepsOf } from './problem-paths.ts';

const LONGEST_MESSAGE = 400;
const LONGEST_VALUE = 200;

/** What ajv found in a body, in our words; the same thing is told once. */
export function bodyProblems(errors: readonly ErrorObject[], body: JsonValue): Problem[] {
  const told = new Map<string, Problem>();
  for (const error of errors) {
    if (told.size === BODY_SCHEMA_LIMITS.maxProblems) break;
    const problem = problemOf(error, body);
    told.set(`${problem.path} ${problem.message}`, problem);
  }
  return [...told.values()];
}

function problemOf(error: ErrorObject, body: JsonValue): Problem {
  const steps = stepsOf(error.instancePath, body);
  const name = nameOf(error);
  const message = messageOf(error);
  return {
    path: bodyPath(name === undefined ? steps : [...steps, name]),
    message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message,
  };
}

const NAMES_OF: Readonly<Record<string, string>> = {
  required: 'missingProperty',
  dependentRequired: 'missingProperty',
  additionalProperties: 'additionalProperty',
  unevaluatedProperties: 'unevaluatedProperty',
  propertyNames: 'propertyName',
};

/** The name of the field that an object's error is about. */
function nameOf({ keyword, params, propertyName }: ErrorObject): string | undefined {
  if (propertyName !== undefined) return propertyName;
  const param = NAMES_OF[keyword];
  const name: unknown = param === undefined ? undefined : (params as Readonly<Record<string, unknown>>)[param];
  return typeof name === 'string' ? name : undefined;
}

const MESSAGES: Readonly<Record<string, string>> = {
  required: 'is required',
  additionalProperties: 'is not allowed',
  'false schema': 'is not allowed',
  propertyNames: 'has a name that is not allowed',
};

function messageOf({ keyword, params, message = 'is not valid', propertyName }: ErrorObject): string {
  if (keyword === 'dependentRequired') {
    return `is required when ${JSON.stringify((params as { property: string }).property)} is there`;
  }
  if (keyword === 'const') return constMessage((params as { allowedValue: JsonValue }).allowedValue);
  const text = MESSAGES[keyword] ?? message.replace('must NOT', 'must not');
  return propertyName === undefined ? text : `its name ${text}`;
}

function constMessage(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? 'must be the value in the schema' : `must be ${text}`;
}

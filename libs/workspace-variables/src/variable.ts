import { z } from 'zod';
import { MillraceError, type JsonValue } from '#libs/kernel';

/** A workspace variable. */
export interface Variable {
  readonly name: string;
  readonly value: JsonValue;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** All variables of a workspace, oldest first. */
export type Variables = readonly Variable[];

export const VARIABLE_LIMITS = {
  /** In one workspace. */
  maxVariables: 200,
  /** Of all values of a workspace by name, as one JSON object in UTF-8. */
  maxBytes: 64 * 1024,
} as const;

/** What an expression can spell as `vars.<name>`. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

export function isVariableName(text: string): boolean {
  // As the name of a field `__proto__` is not like others.
  return VARIABLE_NAME.test(text) && text !== '__proto__';
}

/** What lies in the bucket under a workspace's id. */
export const storedVariables = z.object({
  variables: z.array(
    z.object({
      name: z.string(),
      value: z.custom<JsonValue>((value) => value !== undefined),
      createdAt: z.string(),
      updatedAt: z.string(),
    }),
  ),
});

export type VariableChange =
  | { readonly kind: 'create' | 'update'; readonly name: string; readonly value: JsonValue }
  | { readonly kind: 'delete'; readonly name: string };

/**
 * The variables after a change at `at`. Throws `VARIABLE_EXISTS`, `VARIABLE_NOT_FOUND`, `VARIABLE_LIMIT_REACHED` or
 * `VARIABLES_TOO_LARGE`.
 */
export function changeVariables(before: Variables, change: VariableChange, at: string): Variables {
  const present = before.find(({ name }) => name === change.name);
  if (change.kind === 'create') return ensureSize([...before, created(change, { before, present, at })]);
  if (!present) throw variableNotFound(change.name);
  if (change.kind === 'delete') return before.filter((variable) => variable !== present);
  const updated = { ...present, value: change.value, updatedAt: at };
  return ensureSize(before.map((variable) => (variable === present ? updated : variable)));
}

export function variableNotFound(name: string): MillraceError {
  return new MillraceError('notFound', 'VARIABLE_NOT_FOUND', `there is no variable ${name}`);
}

function created(
  { name, value }: { readonly name: string; readonly value: JsonValue },
  { before, present, at }: { readonly before: Variables; readonly present: Variable | undefined; readonly at: string },
): Variable {
  if (present) throw new MillraceError('conflict', 'VARIABLE_EXISTS', `there is a variable ${name}; change it instead`);
  if (before.length < VARIABLE_LIMITS.maxVariables) return { name, value, createdAt: at, updatedAt: at };
  const message = `a workspace has at most ${VARIABLE_LIMITS.maxVariables} variables; one may hold an object`;
  throw new MillraceError('refused', 'VARIABLE_LIMIT_REACHED', message);
}

function ensureSize(after: Variables): Variables {
  const bytes = Buffer.byteLength(JSON.stringify(valuesOf(after, 'all')));
  if (bytes <= VARIABLE_LIMITS.maxBytes) return after;
  const message = `all variables of a workspace have at most ${VARIABLE_LIMITS.maxBytes} bytes as JSON; with this they would have ${bytes}; shorten or delete some first`;
  throw new MillraceError('refused', 'VARIABLES_TOO_LARGE', message);
}

/** Values by name, of those variables that are asked for and exist. */
export function valuesOf(variables: Variables, wanted: readonly string[] | 'all'): Readonly<Record<string, JsonValue>> {
  const asked = wanted === 'all' ? variables : variables.filter(({ name }) => wanted.includes(name));
  return Object.fromEntries(asked.map(({ name, value }) => [name, value]));
}

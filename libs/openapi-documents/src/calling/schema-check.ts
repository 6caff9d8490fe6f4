import { bodySchemaProblems, compileBodySchema, type BodyValidator } from '#libs/body-schema';
import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import type { Operation, Schema } from '../types.ts';
import { bareObject } from './bare-schema.ts';

/** Checks a value, or says why none is checked. */
export type SchemaCheck =
  | { readonly kind: 'checked'; readonly problemsOf: BodyValidator }
  /** The schema could take exponential time, has a pattern that no safe engine knows, or is none at all. */
  | { readonly kind: 'unchecked'; readonly why: string };

export function schemaCheckOf(schema: Schema, $defs: Operation['$defs']): SchemaCheck {
  if (schema === true) return { kind: 'checked', problemsOf: () => [] };
  const alone = bareObject(standalone(schema, $defs));
  const [problem] = bodySchemaProblems(alone);
  if (problem) return { kind: 'unchecked', why: `its schema can not be checked: ${problem.path} ${problem.message}` };
  return { kind: 'checked', problemsOf: compileBodySchema(alone) };
}

/** The schema with those definitions that it reaches. */
export function standalone(schema: Schema, $defs: Operation['$defs']): JsonObject {
  const reached = new Map<string, Schema>();
  const open = refsIn(schema);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name) || !Object.hasOwn($defs, name)) continue;
    const definition = $defs[name] ?? true;
    reached.set(name, definition);
    open.push(...refsIn(definition));
  }
  const own = asObject(schema);
  return reached.size === 0 ? own : { ...own, $defs: Object.fromEntries(reached) };
}

function asObject(schema: Schema): JsonObject {
  if (isJsonObject(schema)) return schema;
  return schema ? {} : { not: {} };
}

const REF = '#/$defs/';

function refsIn(value: JsonValue): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, JsonValue]) =>
    key === '$ref' && typeof child === 'string' && child.startsWith(REF) ? [child.slice(REF.length)] : refsIn(child),
  );
}

/** The problems of a value, at its own place and not at `body`. */
export function problemsAt(path: string, check: SchemaCheck, value: JsonValue): Problem[] {
  if (check.kind === 'unchecked') return [];
  return check
    .problemsOf(value)
    .map((one) => ({ path: `${path}${one.path.slice('body'.length)}`, message: one.message }));
}

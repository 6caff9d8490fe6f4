import type { JsonObject, JsonValue } from '#libs/kernel';

/** By name, in the order of the names; a name that comes several times gives a list. Any name is one, also `__proto__`. */
export function fieldsOf(pairs: Iterable<readonly [name: string, value: JsonValue]>): JsonObject {
  const values = new Map<string, JsonValue[]>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  const fields = Object.create(null) as Record<string, JsonValue>;
  for (const [name, [first = null, ...more]] of values) fields[name] = more.length === 0 ? first : [first, ...more];
  return fields;
}

import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { z } from 'zod';

// zod's own json() walks and copies the whole value. What arrives here came out of JSON.parse or an expression, so it is
// JSON already; it passes through untouched, `__proto__` keys included, however large it is.

/** A config field that holds any JSON value; the field must be there. */
export function anyJson(): z.ZodType<JsonValue> {
  return z.custom<JsonValue>(
    (value) => value !== undefined,
    'Invalid input: expected a JSON value, received undefined',
  );
}

/** A config field that holds any JSON object. */
export function anyJsonObject(): z.ZodType<JsonObject> {
  return z
    .custom<JsonObject>(isJsonObject, {
      error: (issue) => `Invalid input: expected object, received ${kindOf(issue.input)}`,
    })
    .meta({ type: 'object' });
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

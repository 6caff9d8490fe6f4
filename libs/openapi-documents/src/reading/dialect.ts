import type { JsonObject, JsonValue } from '#libs/kernel';
import { fieldOf, isObject, listOf } from './json.ts';

type Keywords = Readonly<Record<string, JsonValue>>;

/**
 * The keywords of a schema of OpenAPI 3.0 in the words of 2020-12, its subschemas as they were. Where it is a `$ref`,
 * nothing beside that counts.
 */
export function modernised(schema: JsonObject): JsonObject {
  if (typeof fieldOf(schema, '$ref') === 'string') return { $ref: schema.$ref ?? '' };
  const { nullable, exclusiveMinimum, exclusiveMaximum, ...others } = schema;
  const bounded = {
    ...others,
    ...exclusive(others, ['minimum', 'exclusiveMinimum'], exclusiveMinimum),
    ...exclusive(others, ['maximum', 'exclusiveMaximum'], exclusiveMaximum),
  };
  for (const [flag, bound] of [[exclusiveMinimum, 'minimum'] as const, [exclusiveMaximum, 'maximum'] as const]) {
    if (flag === true) Reflect.deleteProperty(bounded, bound);
  }
  return nullable === true ? orNull(bounded) : bounded;
}

/** 3.0 has a flag where 2020-12 has a bound; some write the bound anyway. */
function exclusive(
  schema: Keywords,
  [bound, keyword]: readonly [string, string],
  flag: JsonValue | undefined,
): JsonObject {
  if (typeof flag === 'number') return { [keyword]: flag };
  const value = schema[bound];
  return flag === true && value !== undefined ? { [keyword]: value } : {};
}

const COMBINING = ['allOf', 'anyOf', 'oneOf', 'not'];

/** What is nullable may be null, also where other schemas have a say: that is what people mean by it. */
function orNull(schema: Keywords): JsonObject {
  const { type } = schema;
  if (typeof type !== 'string' || COMBINING.some((keyword) => schema[keyword] !== undefined)) {
    return { anyOf: [{ type: 'null' }, schema] };
  }
  const values = schema.enum;
  const isListed = Array.isArray(values) && !values.includes(null);
  return { ...schema, type: [type, 'null'], ...(isListed ? { enum: [...listOf(values), null] } : {}) };
}

/** What both dialects say otherwise than a check of requests wants it, `isReadOnly` telling of the schema of a property. */
export function asRequested(schema: JsonObject, isReadOnly: (property: JsonValue) => boolean): JsonObject {
  const { example, ...others } = schema;
  const required = requiredOf(others, isReadOnly);
  return {
    ...others,
    ...(example !== undefined && others.examples === undefined ? { examples: [example] } : {}),
    ...(required === undefined ? {} : { required }),
    // Bytes come as text or as a file.
    ...(others.type === 'string' && others.format === 'binary' ? { type: ['string', 'object'] } : {}),
  };
}

/** What is read only is required of responses alone. */
function requiredOf(
  { required, properties }: Keywords,
  isReadOnly: (property: JsonValue) => boolean,
): JsonValue[] | undefined {
  if (!Array.isArray(required) || !isObject(properties)) return undefined;
  return listOf(required).filter((name) => {
    const property = typeof name === 'string' ? fieldOf(properties, name) : undefined;
    return property === undefined || !isReadOnly(property);
  });
}

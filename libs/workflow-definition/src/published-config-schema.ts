import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { NodeType } from '#libs/node-kit';
import { z } from 'zod';

const EXPRESSION = { $ref: '#/$defs/expression' } as const;
const EXPRESSION_DEFINITION = {
  type: 'string',
  pattern: '\\{\\{',
  description: 'An expression in {{ }}, whose value takes this place when the node runs.',
} as const;

/** Keywords that hold one schema of a value further down, many by name, or several of the value itself. */
const CHILD_KEYWORDS = ['additionalProperties', 'items'] as const;
const NAMED_KEYWORDS = ['properties', '$defs'] as const;
const ALTERNATIVE_KEYWORDS = ['anyOf', 'oneOf', 'allOf'] as const;
/** What is told about a value stays outside when its schema becomes one of two. */
const ANNOTATIONS = ['title', 'description', 'default', 'examples'] as const;
const NARROWING = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', 'not', '$ref'] as const;
const NARROWER_STRING = ['enum', 'const', 'pattern', 'format'] as const;

/**
 * JSON Schema (2020-12) of a node type's config as people write it: wherever a string would not do, an expression does
 * too. Triggers run before there is anything to evaluate, so their config stays as it is.
 */
export function publishedConfigSchema(nodeType: NodeType): JsonObject {
  // z.toJSONSchema gives plain JSON plus a hidden `~standard` property; the round trip leaves only the JSON.
  const schema = JSON.parse(
    JSON.stringify(z.toJSONSchema(nodeType.configSchema, { io: 'input', unrepresentable: 'any' })),
  ) as JsonObject;
  if (nodeType.runs === 'trigger') return schema;
  const opened = openInside(schema);
  const definitions = isJsonObject(opened.$defs) ? opened.$defs : {};
  return { ...opened, $defs: { ...definitions, expression: EXPRESSION_DEFINITION } };
}

/** Lets expressions stand for whatever is inside the value that the schema describes, not for the value itself. */
function openInside(schema: JsonObject): JsonObject {
  const opened: Record<string, JsonValue> = { ...schema };
  for (const keyword of CHILD_KEYWORDS) {
    const child = schema[keyword];
    if (isJsonObject(child)) opened[keyword] = open(child);
  }
  for (const keyword of NAMED_KEYWORDS) {
    const named = schema[keyword];
    if (isJsonObject(named)) opened[keyword] = mapValues(named, keyword === '$defs' ? openInside : open);
  }
  for (const keyword of ALTERNATIVE_KEYWORDS) {
    const alternatives = schema[keyword];
    if (Array.isArray(alternatives))
      opened[keyword] = alternatives.map((one: JsonValue) => (isJsonObject(one) ? openInside(one) : one));
  }
  return opened;
}

function open(schema: JsonObject): JsonObject {
  const inside = openInside(schema);
  if (acceptsAnyText(schema)) return inside;
  const told: Record<string, JsonValue> = {};
  const narrowed: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(inside)) {
    (ANNOTATIONS.some((annotation) => annotation === key) ? told : narrowed)[key] = value;
  }
  return { ...told, anyOf: [narrowed, EXPRESSION] };
}

function acceptsAnyText(schema: JsonObject): boolean {
  if (NARROWING.every((keyword) => schema[keyword] === undefined)) return true;
  const alternatives = schema.anyOf;
  if (Array.isArray(alternatives))
    return alternatives.some((one: JsonValue) => isJsonObject(one) && acceptsAnyText(one));
  const types: JsonValue[] = [schema.type ?? null].flat();
  return types.includes('string') && NARROWER_STRING.every((keyword) => schema[keyword] === undefined);
}

function mapValues(object: JsonObject, map: (value: JsonObject) => JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, isJsonObject(value) ? map(value) : value]),
  );
}

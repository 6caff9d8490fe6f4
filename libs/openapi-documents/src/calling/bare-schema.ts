import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';

/** What says nothing of whether a value fits, and is most of what people write. */
const ANNOTATIONS = new Set([
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['contentEncoding', 'contentMediaType'],
]);
/** What these hold are no schemas. */
const VALUES = new Set(['enum', 'const']);
/** Under these stand schemas by name, and a name is no keyword. */
const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs']);

/** The schema without annotations: what is left is what has to be compiled. */
export function bareObject(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword));
  return Object.fromEntries(entries.map(([keyword, value]) => [keyword, bareValue(keyword, value)]));
}

function bareValue(keyword: string, value: JsonValue): JsonValue {
  if (VALUES.has(keyword)) return value;
  if (Array.isArray(value)) return value.map((one: JsonValue) => (isJsonObject(one) ? bareObject(one) : one));
  if (!isJsonObject(value)) return value;
  return MAPS.has(keyword) ? bareMap(value) : bareObject(value);
}

function bareMap(map: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [name, isJsonObject(value) ? bareObject(value) : value]),
  );
}

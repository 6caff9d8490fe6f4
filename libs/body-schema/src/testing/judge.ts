import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { canonicalJson } from '#libs/workflow-definition';

type Check = (schema: JsonValue, value: JsonValue) => boolean;
type Rule = (keyword: JsonValue, value: JsonValue, schema: JsonObject, check: Check) => boolean;

const same = (one: JsonValue, other: JsonValue): boolean => canonicalJson(one) === canonicalJson(other);
const schemasIn = (keyword: JsonValue): readonly JsonValue[] => keyword as readonly JsonValue[];
const mapOf = (keyword: JsonValue | undefined): [string, JsonValue][] =>
  isJsonObject(keyword) ? Object.entries(keyword) : [];
const fieldsOf = (value: JsonValue): [string, JsonValue][] => (isJsonObject(value) ? Object.entries(value) : []);
const has = (value: JsonValue, name: string): boolean => isJsonObject(value) && Object.hasOwn(value, name);
const matches = (source: string, name: string): boolean => new RegExp(source, 'u').test(name);
const numbers =
  (holds: (value: number, bound: number) => boolean): Rule =>
  (keyword, value) =>
    typeof value !== 'number' || holds(value, keyword as number);

function isOfType(type: JsonValue, value: JsonValue): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isJsonObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function isAdditional(name: string, schema: JsonObject): boolean {
  return (
    !has(schema.properties ?? {}, name) && mapOf(schema.patternProperties).every(([source]) => !matches(source, name))
  );
}

/** The standard's words one by one, as slow and plain as they are. */
const RULES: Readonly<Record<string, Rule>> = {
  type: (type, value) => (Array.isArray(type) ? type : [type]).some((one: JsonValue) => isOfType(one, value)),
  enum: (values, value) => schemasIn(values).some((one) => same(one, value)),
  const: (expected, value) => same(expected, value),
  minimum: numbers((value, bound) => value >= bound),
  maxLength: (most, value) => typeof value !== 'string' || [...value].length <= (most as number),
  minItems: (least, value) => !Array.isArray(value) || value.length >= (least as number),
  maxProperties: (most, value) => fieldsOf(value).length <= (most as number),
  uniqueItems: (unique, value) =>
    unique !== true ||
    !Array.isArray(value) ||
    new Set(value.map((item: JsonValue) => canonicalJson(item))).size === value.length,
  required: (names, value) => !isJsonObject(value) || (names as string[]).every((name) => has(value, name)),
  dependentRequired: (map, value) =>
    mapOf(map).every(([name, names]) => !has(value, name) || (names as string[]).every((one) => has(value, one))),
  dependentSchemas: (map, value, _schema, check) =>
    mapOf(map).every(([name, schema]) => !has(value, name) || check(schema, value)),
  pattern: (source, value) => typeof value !== 'string' || matches(source as string, value),
  properties: (map, value, _schema, check) =>
    fieldsOf(value).every(([name, field]) => !isJsonObject(map) || !has(map, name) || check(map[name] ?? true, field)),
  patternProperties: (map, value, _schema, check) =>
    mapOf(map).every(([source, one]) =>
      fieldsOf(value).every(([name, field]) => !matches(source, name) || check(one, field)),
    ),
  additionalProperties: (one, value, schema, check) =>
    fieldsOf(value).every(([name, field]) => !isAdditional(name, schema) || check(one, field)),
  propertyNames: (one, value, _schema, check) => fieldsOf(value).every(([name]) => check(one, name)),
  prefixItems: (some, value, _schema, check) =>
    !Array.isArray(value) ||
    schemasIn(some).every((one, at) => at >= value.length || check(one, value[at] as JsonValue)),
  items: (one, value, { prefixItems = [] }, check) =>
    !Array.isArray(value) || value.slice(schemasIn(prefixItems).length).every((item: JsonValue) => check(one, item)),
  contains: (one, value, _schema, check) => !Array.isArray(value) || value.some((item: JsonValue) => check(one, item)),
  allOf: (some, value, _schema, check) => schemasIn(some).every((one) => check(one, value)),
  anyOf: (some, value, _schema, check) => schemasIn(some).some((one) => check(one, value)),
  oneOf: (some, value, _schema, check) => schemasIn(some).filter((one) => check(one, value)).length === 1,
  not: (one, value, _schema, check) => !check(one, value),
  if: (one, value, schema, check) => check((check(one, value) ? schema.then : schema.else) ?? true, value),
};

/** What a schema of these keywords says of a value; `$ref` leads to the whole or to `$defs`. */
export function judge(root: JsonObject): (value: JsonValue) => boolean {
  const check: Check = (schema, value) => {
    if (!isJsonObject(schema)) return schema === true;
    return Object.entries(schema).every(([keyword, written]) => {
      if (keyword === '$ref') return check(written === '#' ? root : ((root.$defs as JsonObject).one ?? true), value);
      return RULES[keyword]?.(written, value, schema, check) ?? true;
    });
  };
  return (value) => check(root, value);
}

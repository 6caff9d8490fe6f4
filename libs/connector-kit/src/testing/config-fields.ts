import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { z } from 'zod';

const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const;
const SINGLE = ['items', 'additionalProperties'] as const;

export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))) as JsonObject;
}

/** Paths of the fields, nested ones too, that neither title nor description says anything of. */
export function untoldFields(schema: JsonObject): readonly string[] {
  return fieldsIn(schema, '').flatMap(({ path, of }) => (isTold(resolved(of, schema), schema) ? [] : [path]));
}

export function fieldNames(schema: JsonObject): readonly string[] {
  return isJsonObject(schema.properties) ? Object.keys(schema.properties) : [];
}

function fieldsIn(schema: JsonValue | undefined, at: string): readonly { path: string; of: JsonObject }[] {
  if (!isJsonObject(schema)) return [];
  const named = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  const own = named.flatMap(([name, of]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return isJsonObject(of) ? [{ path, of }, ...fieldsIn(of, path)] : [];
  });
  const listed = LISTS.flatMap((keyword) => {
    const list = schema[keyword];
    return Array.isArray(list) ? list.flatMap((one: JsonValue) => fieldsIn(one, at)) : [];
  });
  const inner = SINGLE.flatMap((keyword) => fieldsIn(schema[keyword], `${at}[]`));
  const shared = at === '' && isJsonObject(schema.$defs) ? Object.values(schema.$defs) : [];
  return [...own, ...listed, ...inner, ...shared.flatMap((one) => fieldsIn(one, ''))];
}

/** A field that chooses among variants by one word needs no words of its own. */
function isTold(schema: JsonObject, root: JsonObject): boolean {
  if (typeof schema.title === 'string' || typeof schema.description === 'string' || schema.const !== undefined)
    return true;
  const inner = schema.anyOf ?? schema.allOf;
  return Array.isArray(inner) && inner.some((one: JsonValue) => isJsonObject(one) && isTold(resolved(one, root), root));
}

function resolved(schema: JsonObject, root: JsonObject): JsonObject {
  const name = typeof schema.$ref === 'string' ? schema.$ref.replace('#/$defs/', '') : undefined;
  const found = name !== undefined && isJsonObject(root.$defs) ? root.$defs[name] : undefined;
  return isJsonObject(found) ? { ...found, ...schema } : schema;
}

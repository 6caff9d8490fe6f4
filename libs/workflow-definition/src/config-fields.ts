import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';

/** What nodes send, compute or describe is data: a field inside it belongs to somebody else and names nothing here. */
const DATA_FIELDS: ReadonlySet<string> = new Set([
  'body',
  'data',
  'form',
  'headers',
  'input',
  'items',
  'json',
  'multipart',
  'parameters',
  'query',
  'schema',
  'values',
]);

export function isData(field: string): boolean {
  return DATA_FIELDS.has(field);
}

export interface ConfigField<Value> {
  /** From the config to the field. */
  readonly steps: readonly PropertyKey[];
  readonly value: Value;
}

/** A field by its name and value; undefined when it is another, whose value is looked into then. */
type Wanted<Value> = (name: string, value: JsonValue) => Value | undefined;

/** The fields that are wanted, at any depth but not inside data. The depth of a config was bounded before. */
export function fieldsIn<Value>(config: JsonObject, wanted: Wanted<Value>): ConfigField<Value>[] {
  const found: ConfigField<Value>[] = [];
  const look = (value: JsonValue, steps: readonly PropertyKey[]): void => {
    if (Array.isArray(value)) value.forEach((item: JsonValue, index) => look(item, [...steps, index]));
    else if (isJsonObject(value))
      for (const [name, child] of Object.entries(value)) take(name, child, [...steps, name]);
  };
  const take = (name: string, child: JsonValue, steps: readonly PropertyKey[]): void => {
    if (isData(name)) return;
    const value = wanted(name, child);
    if (value === undefined) look(child, steps);
    else found.push({ steps, value });
  };
  look(config, []);
  return found;
}

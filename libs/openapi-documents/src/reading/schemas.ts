import type { JsonValue } from '#libs/kernel';
import type { Schema } from '../types.ts';
import { asRequested, modernised } from './dialect.ts';
import { entriesOf, fieldOf, isObject, listOf, textOf } from './json.ts';
import { pathOfRef, stepsOf, within, type Source } from './source.ts';

const ONE = new Set([
  ...['not', 'if', 'then', 'else', 'items', 'contains', 'additionalProperties', 'propertyNames'],
  ...['unevaluatedItems', 'unevaluatedProperties'],
]);
const LISTS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas']);
const KEPT = new Set([
  ...['type', 'enum', 'const', 'format', 'pattern', 'minLength', 'maxLength', 'multipleOf', 'minimum', 'maximum'],
  ...['exclusiveMinimum', 'exclusiveMaximum', 'minItems', 'maxItems', 'uniqueItems', 'minContains', 'maxContains'],
  ...['minProperties', 'maxProperties', 'required', 'dependentRequired', 'contentEncoding', 'contentMediaType'],
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
]);

/** A schema in 2020-12, with `$ref` into `$defs`, and the names there that it refers to. */
export interface Converted {
  readonly schema: Schema;
  readonly refs: ReadonlySet<string>;
}

interface Definition extends Converted {
  /** Of its JSON. */
  readonly bytes: number;
}

export interface Reached {
  readonly definitions: ReadonlyMap<string, Schema>;
  readonly bytes: number;
}

/** The schemas of a document. What a `$ref` leads to is converted once, however many operations reach it. */
export class Schemas {
  readonly #source: Source;
  readonly #isOld: boolean;
  readonly #nameByPlace = new Map<string, string>();
  readonly #definitions = new Map<string, Definition>();
  /** How many names there are of each kind. */
  readonly #names = new Map<string, number>();
  readonly #waiting: { readonly name: string; readonly ref: string; readonly value: JsonValue }[] = [];

  /** @param isOld for OpenAPI 3.0, whose schemas are a dialect of their own */
  constructor(source: Source, isOld: boolean) {
    this.#source = source;
    this.#isOld = isOld;
  }

  convert(value: JsonValue, path: string): Converted {
    const converted = this.#convertOne(value, path);
    for (let next = this.#waiting.pop(); next; next = this.#waiting.pop()) {
      const definition = this.#convertOne(next.value, pathOfRef(next.ref));
      const bytes = Buffer.byteLength(JSON.stringify(definition.schema));
      this.#definitions.set(next.name, { ...definition, bytes });
    }
    return converted;
  }

  /** All that these names lead to, by name; undefined when it is more than `maxBytes`. */
  reach(names: Iterable<string>, maxBytes: number): Reached | undefined {
    const definitions = new Map<string, Schema>();
    const open = [...names];
    let bytes = 0;
    for (let name = open.pop(); name !== undefined && bytes <= maxBytes; name = open.pop()) {
      const definition = this.#definitions.get(name);
      if (!definition || definitions.has(name)) continue;
      definitions.set(name, definition.schema);
      bytes += definition.bytes + name.length;
      open.push(...definition.refs);
    }
    return bytes > maxBytes ? undefined : { definitions, bytes };
  }

  #convertOne(value: JsonValue, path: string): Converted {
    const refs = new Set<string>();
    return { schema: this.#schema(value, path, refs), refs };
  }

  #schema(value: JsonValue, path: string, refs: Set<string>): Schema {
    if (typeof value === 'boolean') return value;
    if (!isObject(value)) {
      this.#source.refuse(path, 'must be a schema: an object, true or false');
      return true;
    }
    const modern = this.#isOld ? modernised(value) : value;
    const asked = asRequested(modern, (property) => this.#isReadOnly(property));
    const entries = Object.entries(asked).flatMap(([keyword, given]) =>
      this.#keyword(keyword, given, within(path, keyword), refs),
    );
    const ref = textOf(fieldOf(value, '$ref'));
    return Object.fromEntries(ref === undefined ? entries : [...entries, ...this.#refTo(ref, path, refs)]);
  }

  #keyword(keyword: string, given: JsonValue, path: string, refs: Set<string>): [string, JsonValue][] {
    if (KEPT.has(keyword)) return [[keyword, given]];
    if (ONE.has(keyword)) return [[keyword, this.#schema(given, path, refs)]];
    if (LISTS.has(keyword)) {
      return [[keyword, listOf(given).map((one, index) => this.#schema(one, within(path, index), refs))]];
    }
    if (!MAPS.has(keyword)) return [];
    const entries = entriesOf(given).map(([name, one]) => [name, this.#schema(one, within(path, name), refs)] as const);
    return [[keyword, Object.fromEntries(entries)]];
  }

  #refTo(ref: string, path: string, refs: Set<string>): [string, JsonValue][] {
    const place = JSON.stringify(stepsOf(ref) ?? ref);
    const known = this.#nameByPlace.get(place) ?? this.#add(ref, path, place);
    if (known === undefined) return [];
    refs.add(known);
    return [['$ref', `#/$defs/${known}`]];
  }

  #add(ref: string, path: string, place: string): string | undefined {
    const value = this.#source.at(ref, path);
    if (value === undefined) return undefined;
    const name = this.#newName(stepsOf(ref)?.at(-1) ?? '');
    this.#nameByPlace.set(place, name);
    this.#waiting.push({ name, ref, value });
    return name;
  }

  /** A number behind `~` makes it unique, since no other name has one. */
  #newName(wanted: string): string {
    const plain = wanted.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 64);
    const base = /^[A-Za-z]/.test(plain) ? plain : `schema_${plain}`;
    const number = (this.#names.get(base) ?? 0) + 1;
    this.#names.set(base, number);
    return number === 1 ? base : `${base}~${number}`;
  }

  #isReadOnly(property: JsonValue): boolean {
    const ref = textOf(fieldOf(property, '$ref'));
    const steps = ref === undefined ? undefined : stepsOf(ref);
    const meant: JsonValue | undefined = steps
      ? steps.reduce<JsonValue | undefined>(fieldOf, this.#source.root)
      : property;
    return fieldOf(meant, 'readOnly') === true;
  }
}

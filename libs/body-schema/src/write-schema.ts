import { InvariantError, isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { STEPS_KEYWORD, type StepsOfSchema } from './ajv-keywords.ts';
import { isKnownFormat } from './formats.ts';
import { reword } from './reword.ts';
import { applies, type AppliedKeyword, type Part, type SchemaPlaces } from './schema-places.ts';

const ASSERTIONS = [
  'type',
  'enum',
  'const',
  'multipleOf',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxProperties',
  'minProperties',
  'required',
];
const ASSERTIONS_2020 = ['minContains', 'maxContains', 'dependentRequired'];
/** Keywords that read all of a text or all names of an object. */
const READ_ALL = [
  'maxLength',
  'minLength',
  'maxProperties',
  'minProperties',
  'patternProperties',
  'additionalProperties',
  'propertyNames',
  'unevaluatedProperties',
];

type Written = JsonObject | boolean;

/**
 * The schema as ajv gets it: 2020-12, and nothing in it but the keywords that were looked at. Whatever else a schema says,
 * ajv has keywords of its own (`$async`, `nullable`, `$comment`, `id`), and none of them is reached.
 */
export function writeSchema(schema: SchemaPlaces): WrittenSchema {
  const tracksUnevaluated = schema.places.some(
    (place) => applies(place, 'unevaluatedProperties') || applies(place, 'unevaluatedItems'),
  );
  return { schema: new SchemaWriter(schema, tracksUnevaluated).writeAll(), tracksUnevaluated };
}

export interface WrittenSchema {
  readonly schema: JsonObject;
  /** Whether ajv has to keep what was looked at. */
  readonly tracksUnevaluated: boolean;
}

/**
 * Ajv makes one function of all that is written in one piece: with thousands of variables, nested as deep as there are
 * properties, it would not fit the stack. So pieces are small, and each stands under `$defs`, as what a `$ref` leads to does.
 */
const SCHEMAS_PER_PIECE = 64;
const PARTS_PER_PIECE = 32;
/** What means the same when it is divided; the names of properties stay, for `additionalProperties`. */
const DIVISIBLE: ReadonlySet<AppliedKeyword> = new Set<AppliedKeyword>(['allOf', 'anyOf', 'properties']);

class SchemaWriter {
  readonly #targets: ReadonlySet<number>;
  /** Pieces by name, in the order they are written. */
  readonly #waiting = new Map<string, () => Written>();
  #room = 0;

  constructor(
    private readonly schema: SchemaPlaces,
    private readonly tracksUnevaluated: boolean,
  ) {
    this.#targets = new Set(schema.places.flatMap(({ target }) => (target === undefined ? [] : [target])));
  }

  /** Only a `$ref` stands at the top, so that "#" never means anything else. */
  writeAll(): JsonObject {
    const top = this.#piece(0);
    const $defs: Record<string, Written> = {};
    for (const [name, write] of this.#waiting) {
      this.#room = SCHEMAS_PER_PIECE;
      $defs[name] = write();
    }
    return { ...top, $defs };
  }

  #piece(place: number): JsonObject {
    return this.#pieceNamed(`p${place}`, () => this.#write(place));
  }

  #pieceNamed(name: string, write: () => Written): JsonObject {
    if (!this.#waiting.has(name)) this.#waiting.set(name, write);
    return { $ref: `#/$defs/${name}` };
  }

  #write(index: number): Written {
    this.#room--;
    const place = this.schema.places[index];
    if (!place) throw new InvariantError(`there is no place ${index} in the schema`);
    if (!isJsonObject(place.schema)) return place.schema;
    const written = this.#start(place.schema, place.target);
    const ofKeywords = Map.groupBy(place.parts, ({ keyword }) => keyword);
    for (const [keyword, some] of ofKeywords) {
      if (some.length > PARTS_PER_PIECE && DIVISIBLE.has(keyword)) this.#divide(written, some, keyword);
      else this.#writeParts(written, some);
    }
    // Steps first: what is put in other words costs what it cost before.
    const withItsSteps = withSteps(written);
    if (!isJsonObject(withItsSteps)) return withItsSteps;
    return reword(withItsSteps, {
      tracksUnevaluated: this.tracksUnevaluated,
      toPiece: (condition) => this.#pieceNamed(`if${index}`, () => condition as Written),
    });
  }

  #start(schema: JsonObject, target: number | undefined): Record<string, JsonValue> {
    if (target === undefined) return this.#assertionsOf(schema);
    // Draft-07 ignores what stands beside a $ref.
    return this.schema.draft === '7'
      ? { ...this.#piece(target) }
      : { ...this.#assertionsOf(schema), ...this.#piece(target) };
  }

  #writeParts(written: Record<string, JsonValue>, parts: readonly Part[]): void {
    for (const { keyword, key, place } of parts) {
      const isPiece = this.#targets.has(place) || this.#room <= 0;
      put(written, { keyword, key, schema: isPiece ? this.#piece(place) : this.#write(place) });
    }
  }

  #divide(written: Record<string, JsonValue>, parts: readonly Part[], keyword: AppliedKeyword): void {
    const pieces: JsonObject[] = [];
    for (let from = 0; from < parts.length; from += PARTS_PER_PIECE) {
      const some = parts.slice(from, from + PARTS_PER_PIECE);
      const write = (): Written => {
        const piece: Record<string, JsonValue> = {};
        this.#writeParts(piece, some);
        return withSteps(piece);
      };
      pieces.push(this.#pieceNamed(`${keyword}${some[0]?.place ?? 0}`, write));
    }
    const list = keyword === 'properties' ? 'allOf' : keyword;
    written[list] = [...((written[list] ?? []) as JsonValue[]), ...pieces];
    if (keyword === 'properties') written.properties = Object.fromEntries(parts.map(({ key }) => [String(key), true]));
  }

  #assertionsOf(schema: JsonObject): Record<string, JsonValue> {
    const keywords = this.schema.draft === '7' ? ASSERTIONS : [...ASSERTIONS, ...ASSERTIONS_2020];
    const written: Record<string, JsonValue> = {};
    for (const keyword of keywords) if (schema[keyword] !== undefined) written[keyword] = schema[keyword];
    if (typeof schema.format === 'string' && isKnownFormat(schema.format)) written.format = schema.format;
    const dependencies = namesOf(schema.dependencies);
    if (dependencies.length === 0) return written;
    const more = isJsonObject(written.dependentRequired) ? written.dependentRequired : {};
    return { ...written, dependentRequired: merged(dependencies, more) };
  }
}

interface WrittenPart {
  readonly keyword: AppliedKeyword;
  readonly key: string | number | undefined;
  readonly schema: Written;
}

function put(written: Record<string, JsonValue>, { keyword, key, schema }: WrittenPart): void {
  if (key === undefined) written[keyword] = schema;
  else if (typeof key === 'number') written[keyword] = [...((written[keyword] ?? []) as JsonValue[]), schema];
  else written[keyword] = withSchema(written[keyword], key, schema);
}

/** Schemas for one name may come from `dependencies` and `dependentSchemas`: both hold. */
function withSchema(map: JsonValue | undefined, key: string, schema: Written): JsonObject {
  const present = isJsonObject(map) ? map : {};
  const other = Object.hasOwn(present, key) ? present[key] : undefined;
  return { ...present, [key]: other === undefined ? schema : { allOf: [other, schema] } };
}

function withSteps(written: Readonly<Record<string, JsonValue>>): Written {
  if (Object.keys(written).length === 0) return true;
  return { ...written, [STEPS_KEYWORD]: { ...stepsOf(written) } };
}

function namesOf(dependencies: JsonValue | undefined): [string, readonly JsonValue[]][] {
  if (!isJsonObject(dependencies)) return [];
  return Object.entries(dependencies).flatMap(([key, value]) => (Array.isArray(value) ? [[key, value]] : []));
}

function merged(dependencies: readonly [string, readonly JsonValue[]][], more: JsonObject): JsonObject {
  const all = new Map(Object.entries(more));
  for (const [key, names] of dependencies) {
    const others = all.get(key);
    all.set(key, [...new Set([...names, ...(Array.isArray(others) ? (others as readonly JsonValue[]) : [])])]);
  }
  return Object.fromEntries(all);
}

const STEPS_OF_CALL = 8;

/** About how many operations a look at the schema takes, apart from what it applies. */
function stepsOf(written: Readonly<Record<string, JsonValue>>): StepsOfSchema {
  let steps = written.$ref === undefined ? 1 : STEPS_OF_CALL;
  for (const [keyword, value] of Object.entries(written)) steps += 1 + entryCount(keyword, value);
  return { steps, readsAll: READ_ALL.some((keyword) => written[keyword] !== undefined) };
}

function entryCount(keyword: string, value: JsonValue): number {
  // An enum is looked up.
  if (keyword === 'enum') return 0;
  if (keyword === 'const') return JSON.stringify(value).length >> 3;
  if (keyword === 'dependentRequired' && isJsonObject(value)) {
    return Object.values(value).reduce<number>((sum, names) => sum + 1 + (names as readonly JsonValue[]).length, 0);
  }
  if (Array.isArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : 0;
}

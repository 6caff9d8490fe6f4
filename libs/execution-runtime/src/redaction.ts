import { isJsonObject, type JsonValue } from '#libs/kernel';
import { ALL_ESCAPES, originsOf, type Escapes } from './escapes.ts';

const REDACTED = '[redacted]';
/** Shorter ones are part of too much that is no secret, and taking them out would tell where they stood. */
const SHORTEST_SECRET = 4;
/** The middle of a base64 text that is shorter than this may be there by chance. */
const SHORTEST_CORE = 8;

/**
 * Takes secrets out of what people may read: as they are, and as they look in JSON, in HTML, in URLs, in forms and in
 * base64.
 */
export class Redaction {
  /** Longest first: what holds another is taken out as a whole. */
  readonly #forms: readonly string[];
  /** What comes back of secrets that others take for numbers. */
  readonly #numbers: ReadonlySet<number>;

  constructor(secrets: Iterable<string>) {
    const all = [...secrets];
    const forms = new Set(all.flatMap(formsOf));
    this.#numbers = new Set(all.flatMap(numbersOf));
    this.#forms = [...forms].sort((one, other) => other.length - one.length);
  }

  /** The value without the secrets, in texts and in the names of fields. */
  value(value: JsonValue): JsonValue {
    return this.#forms.length === 0 ? value : this.#mapped(value, (text) => this.text(text));
  }

  text(text: string): string {
    const rest = this.#forms.reduce((left, form) => left.replaceAll(form, REDACTED), text);
    return ALL_ESCAPES.reduce((left, escapes) => this.#withoutEscaped(left, escapes), rest);
  }

  /** As `value`, for texts that may have been cut: one that ends with the beginning of a secret ends before it. */
  excerpts(value: JsonValue): JsonValue {
    return this.#forms.length === 0 ? value : this.#mapped(value, (text) => this.excerpt(text));
  }

  excerpt(text: string): string {
    const whole = this.text(text);
    const ends = [this.#endOf(whole), ...ALL_ESCAPES.map((escapes) => this.#escapedEndOf(whole, escapes))];
    const end = Math.min(...ends);
    return end === whole.length ? whole : whole.slice(0, end) + REDACTED;
  }

  /** An error for the log, with its causes; what else hangs on it is left out. */
  error(error: unknown): unknown {
    if (this.#forms.length === 0) return error;
    if (!(error instanceof Error)) return this.text(String(error));
    const cause = error.cause === undefined ? {} : { cause: this.error(error.cause) };
    const copy = new Error(this.text(error.message), cause);
    copy.name = error.name;
    copy.stack = this.text(error.stack ?? '');
    return copy;
  }

  #mapped(value: JsonValue, map: (text: string) => string): JsonValue {
    return mapLeaves(value, { text: map, number: (number) => (this.#numbers.has(number) ? REDACTED : number) });
  }

  #withoutEscaped(text: string, escapes: Escapes): string {
    if (!text.includes(escapes.sign)) return text;
    const plain = text.replace(escapes.pattern, escapes.decode);
    const found = this.#forms.flatMap((form) => placesOf(plain, form));
    if (found.length === 0) return text;
    const origins = originsOf(text, escapes);
    return withoutRanges(
      text,
      found.map(([from, to]) => [origins[from] ?? 0, origins[to] ?? text.length]),
    );
  }

  /** Where the beginning of a secret starts with which the text ends; else its length. */
  #endOf(text: string): number {
    return text.length - Math.max(0, ...this.#forms.map((form) => cutLengthOf(text, form)));
  }

  #escapedEndOf(text: string, escapes: Escapes): number {
    if (!text.includes(escapes.sign)) return text.length;
    const uncut = text.replace(escapes.cutPattern, '');
    const plain = uncut.replace(escapes.pattern, escapes.decode);
    const end = this.#endOf(plain);
    return end === plain.length ? text.length : (originsOf(uncut, escapes)[end] ?? text.length);
  }
}

type Range = readonly [from: number, to: number];

function placesOf(text: string, form: string): Range[] {
  const places: Range[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length))
    places.push([at, at + form.length]);
  return places;
}

/** Ranges that overlap go as one. */
function withoutRanges(text: string, ranges: readonly Range[]): string {
  let [rest, end] = ['', 0];
  for (const [from, to] of ranges.toSorted((one, other) => one[0] - other[0])) {
    if (from >= end) rest += text.slice(end, from) + REDACTED;
    end = Math.max(end, to);
  }
  return rest + text.slice(end);
}

/** How many characters at the end of the text are a beginning of the form, and long enough to tell something. */
function cutLengthOf(text: string, form: string): number {
  for (let length = Math.min(form.length - 1, text.length); length >= SHORTEST_SECRET; length--) {
    if (text.endsWith(form.slice(0, length))) return length;
  }
  return 0;
}

interface LeafMap {
  readonly text: (text: string) => string;
  readonly number: (number: number) => JsonValue;
}

function mapLeaves(value: JsonValue, map: LeafMap): JsonValue {
  if (typeof value === 'string') return map.text(value);
  if (typeof value === 'number') return map.number(value);
  if (isJsonList(value)) return value.map((item) => mapLeaves(item, map));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [map.text(name), mapLeaves(field, map)]));
}

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The same number, though JSON writes it without leading zeros and with 17 digits at most. */
function numbersOf(secret: string): readonly number[] {
  const number = /^[+-]?\d+(?:\.\d+)?$/.test(secret) ? Number(secret) : NaN;
  return Number.isFinite(number) && String(number).length >= SHORTEST_SECRET ? [number] : [];
}

function formsOf(secret: string): readonly string[] {
  if (secret.length < SHORTEST_SECRET) return [];
  const percent = encodeURIComponent(secret.toWellFormed());
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    percent,
    percent.replace(/%../g, (code) => code.toLowerCase()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    ...coresOf(bytes),
    // What is sent in base64 may come back in a body that is none of text, which is recorded in base64.
    ...coresOf(Buffer.from(bytes.toString('base64'))),
  ];
}

/**
 * What stands in the base64 of any text that holds the secret: which letters those are depends on where it begins, and
 * the first and the last are mixed with what is beside it.
 */
function coresOf(secret: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), secret]);
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor((shifted.length * 8) / 6);
    const cores = (['base64', 'base64url'] as const).map((encoding) => shifted.toString(encoding).slice(from, to));
    return cores.filter((core) => core.length >= SHORTEST_CORE);
  });
}

import { isJsonObject, type JsonValue } from '#libs/kernel';

const REDACTED = '[redacted]';
/** Shorter ones are part of too much that is no secret, and taking them out would tell where they stood. */
const SHORTEST_SECRET = 4;
/** The middle of a base64 text that is shorter than this may be there by chance. */
const SHORTEST_CORE = 8;

/** Takes secrets out of what people may read: as they are, and as they look in JSON, in URLs, in forms and in base64. */
export class Redaction {
  /** Longest first: what holds another is taken out as a whole. */
  readonly #forms: readonly string[];

  constructor(secrets: Iterable<string>) {
    const forms = new Set([...secrets].flatMap(formsOf));
    this.#forms = [...forms].sort((one, other) => other.length - one.length);
  }

  /** The value without the secrets, in texts and in the names of fields. */
  value(value: JsonValue): JsonValue {
    return this.#forms.length === 0 ? value : mapTexts(value, (text) => this.text(text));
  }

  text(text: string): string {
    return this.#forms.reduce((rest, form) => rest.replaceAll(form, REDACTED), text);
  }

  /** As `value`, for texts that may have been cut: one that ends with the beginning of a secret ends before it. */
  excerpts(value: JsonValue): JsonValue {
    return this.#forms.length === 0 ? value : mapTexts(value, (text) => this.excerpt(text));
  }

  excerpt(text: string): string {
    const whole = this.text(text);
    const cut = Math.max(0, ...this.#forms.map((form) => cutLengthOf(whole, form)));
    return cut === 0 ? whole : whole.slice(0, -cut) + REDACTED;
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
}

/** How many characters at the end of the text are a beginning of the form, and long enough to tell something. */
function cutLengthOf(text: string, form: string): number {
  for (let length = Math.min(form.length - 1, text.length); length >= SHORTEST_SECRET; length--) {
    if (text.endsWith(form.slice(0, length))) return length;
  }
  return 0;
}

function mapTexts(value: JsonValue, map: (text: string) => string): JsonValue {
  if (typeof value === 'string') return map(value);
  if (isJsonList(value)) return value.map((item) => mapTexts(item, map));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [map(name), mapTexts(field, map)]));
}

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
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

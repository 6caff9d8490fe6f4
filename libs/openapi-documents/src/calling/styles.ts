import { isJsonObject, type JsonValue } from '#libs/kernel';
import type { Style, Writing } from '../types.ts';

type Encode = (text: string) => string;

/** Of a value with one level: a text, the texts of a list, or the fields of an object. */
export type Flat =
  | { readonly kind: 'one'; readonly text: string }
  | { readonly kind: 'list'; readonly texts: readonly string[] }
  | { readonly kind: 'fields'; readonly fields: readonly (readonly [string, string])[] };

/** Null within is left out; undefined for what has further levels, which no style but deepObject has words for. */
export function flatOf(value: JsonValue): Flat | undefined {
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).filter((item) => item !== null);
    return items.some(isNested) ? undefined : { kind: 'list', texts: items.map(textOf) };
  }
  if (!isJsonObject(value)) return { kind: 'one', text: textOf(value) };
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  if (fields.some(([, field]) => isNested(field))) return undefined;
  return { kind: 'fields', fields: fields.map(([name, field]) => [name, textOf(field)] as const) };
}

function isNested(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null;
}

export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** All but letters, digits and `-._~` (RFC 3986, 2.3). */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** As `encode`, but what a query may hold as it is stays: no `[]#`, and none that end a pair. */
export function encodeReserved(text: string): string {
  return encode(text).replace(/%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/g, (coded) => decodeURIComponent(coded));
}

/** For a path or a header: `simple`, `label` and `matrix` of RFC 6570. */
export function written(name: string, flat: Flat, { style, explode }: Writing, coded: Encode): string {
  const { prefix, separator, named } = FRAMES[style] ?? SIMPLE;
  const own = named ? `${coded(name)}=` : '';
  if (flat.kind === 'one') return `${prefix}${own}${coded(flat.text)}`;
  if (!explode) return `${prefix}${own}${textsOf(flat).map(coded).join(',')}`;
  return `${prefix}${exploded(own, flat, coded).join(separator)}`;
}

/** Fields by their own names, the items of a list by that of the list. */
function exploded(own: string, flat: Several, coded: Encode): string[] {
  if (flat.kind === 'list') return flat.texts.map((text) => `${own}${coded(text)}`);
  return flat.fields.map(([key, text]) => `${coded(key)}=${coded(text)}`);
}

type Several = Exclude<Flat, { kind: 'one' }>;

function textsOf(flat: Several): readonly string[] {
  return flat.kind === 'list' ? flat.texts : flat.fields.flat();
}

interface Frame {
  readonly prefix: string;
  readonly separator: string;
  readonly named: boolean;
}

const SIMPLE: Frame = { prefix: '', separator: ',', named: false };
const FRAMES: Readonly<Partial<Record<Style, Frame>>> = {
  label: { prefix: '.', separator: '.', named: false },
  matrix: { prefix: ';', separator: ';', named: true },
};

const SEPARATORS: Readonly<Partial<Record<Style, string>>> = { spaceDelimited: '%20', pipeDelimited: '%7C' };

/** For a query, a cookie or a form: its pairs, encoded; undefined for what the style has no words for. */
export function pairsOf(name: string, value: JsonValue, writing: Writing, coded: Encode): string[] | undefined {
  if (writing.style === 'deepObject') return isJsonObject(value) ? deepPairs(coded(name), value, coded) : undefined;
  const flat = flatOf(value);
  if (!flat) return undefined;
  const own = `${coded(name)}=`;
  if (flat.kind === 'one') return [`${own}${coded(flat.text)}`];
  if (writing.explode) return exploded(own, flat, coded);
  return [
    `${own}${textsOf(flat)
      .map(coded)
      .join(SEPARATORS[writing.style] ?? ',')}`,
  ];
}

/** `filter[size][min]=1`, and `filter[tags][0]=a` for lists. OpenAPI leaves deeper levels open; this is what servers take. */
function deepPairs(name: string, value: JsonValue, coded: Encode): string[] {
  if (value === null) return [];
  if (typeof value !== 'object') return [`${name}=${coded(textOf(value))}`];
  const entries: [string, JsonValue][] = Object.entries(value);
  return entries.flatMap(([key, child]) => deepPairs(`${name}[${coded(key)}]`, child, coded));
}

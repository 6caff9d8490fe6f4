/** How a kind of document writes characters that mean something in it. Which ones it escapes is up to who writes it. */
export interface Escapes {
  /** In every escape; a text without it has none. */
  readonly sign: string;
  readonly pattern: RegExp;
  /** An escape that was cut. */
  readonly cutPattern: RegExp;
  readonly decode: (escape: string) => string;
}

const JSON_LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** PHP escapes `/`, others all that is not ASCII, or what HTML would take for its own; in either case. */
const JSON_ESCAPES: Escapes = {
  sign: '\\',
  pattern: /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g,
  cutPattern: /\\(?:u[0-9a-fA-F]{0,3})?$/,
  decode: (escape) => {
    const letter = escape.charAt(1);
    if (letter === 'u') return String.fromCharCode(Number.parseInt(escape.slice(2), 16));
    return JSON_LETTERS[letter] ?? letter;
  },
};

/** Also of XML. Names of letters (`&auml;`) are not known here. */
const HTML_ESCAPES: Escapes = {
  sign: '&',
  pattern: /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);/gi,
  cutPattern: /&(?:#x?[0-9a-f]{0,7}|[a-z]{0,4})$/i,
  decode: (escape) => {
    const name = escape.slice(1, -1).toLowerCase();
    if (!name.startsWith('#')) return ENTITIES[name] ?? escape;
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : escape;
  },
};

export const ALL_ESCAPES: readonly Escapes[] = [JSON_ESCAPES, HTML_ESCAPES];

/** Where each code unit of the decoded text begins in the text, and at last where the text ends. */
export function originsOf(text: string, { pattern, decode }: Escapes): Uint32Array {
  const origins = new Uint32Array(text.length + 1);
  let [from, to] = [0, 0];
  for (const { 0: escape, index } of text.matchAll(pattern)) {
    while (from < index) origins[to++] = from++;
    for (let unit = decode(escape).length; unit > 0; unit--) origins[to++] = from;
    from += escape.length;
  }
  while (from <= text.length) origins[to++] = from++;
  return origins.subarray(0, to);
}

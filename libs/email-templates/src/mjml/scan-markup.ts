/** A piece of markup that matters; what stands between two is text. */
export type MarkupToken =
  | { readonly kind: 'comment'; readonly begin: number; readonly end: number }
  | {
      readonly kind: 'open' | 'empty' | 'close';
      readonly begin: number;
      /** Behind `>`. */
      readonly end: number;
      readonly name: string;
      readonly attributes: readonly Attribute[];
    };

export interface Attribute {
  readonly name: string;
  /** Undefined where there is none. */
  readonly value: string | undefined;
  /** Of the name, and behind the value. */
  readonly begin: number;
  readonly end: number;
}

export interface ScannedMarkup {
  readonly tokens: readonly MarkupToken[];
  /** Where something begins that never ends; nothing behind it was looked at. */
  readonly unclosed?: number;
}

const NAME = /[a-z][\w:.-]*/iy;
const ATTRIBUTE = /([^\s=>"'/<]+)(?:\s*=\s*("[^"]*"|'[^']*'))?/gy;

/** Tags and comments, without asking what they mean. Takes time in proportion to the length, whatever it is given. */
export function scanMarkup(source: string): ScannedMarkup {
  const tokens: MarkupToken[] = [];
  for (let at = source.indexOf('<'); at >= 0; at = source.indexOf('<', at)) {
    const token = source.startsWith('<!--', at) ? commentAt(source, at) : tagAt(source, at);
    if (token === 'unclosed') return { tokens, unclosed: at };
    if (token) tokens.push(token);
    at = token?.end ?? at + 1;
  }
  return { tokens };
}

function commentAt(source: string, begin: number): MarkupToken | 'unclosed' {
  const close = source.indexOf('-->', begin + 4);
  return close < 0 ? 'unclosed' : { kind: 'comment', begin, end: close + 3 };
}

function tagAt(source: string, begin: number): MarkupToken | 'unclosed' | undefined {
  const nameAt = begin + (source[begin + 1] === '/' ? 2 : 1);
  NAME.lastIndex = nameAt;
  const name = NAME.exec(source)?.[0];
  if (name === undefined) return undefined;
  const close = endOfTag(source, nameAt + name.length);
  if (close < 0) return 'unclosed';
  const kind = kindOf(source, begin, close);
  const to = kind === 'empty' ? close - 1 : close;
  return { kind, begin, end: close + 1, name, attributes: attributesIn(source, nameAt + name.length, to) };
}

function kindOf(source: string, begin: number, close: number): 'open' | 'empty' | 'close' {
  if (source[begin + 1] === '/') return 'close';
  return source[close - 1] === '/' ? 'empty' : 'open';
}

/** Where `>` stands that is not within quotes; -1 when there is none. */
function endOfTag(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    const char = source[at];
    if (char === '>') return at;
    if (char !== '"' && char !== "'") continue;
    at = source.indexOf(char, at + 1);
    if (at < 0) return -1;
  }
  return -1;
}

function attributesIn(source: string, from: number, to: number): readonly Attribute[] {
  const inner = source.slice(from, to);
  const found: Attribute[] = [];
  for (let at = 0; at < inner.length;) {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(inner);
    if (!match) {
      at++;
      continue;
    }
    const [all, name = '', quoted] = match;
    found.push({ name, value: quoted?.slice(1, -1), begin: from + at, end: from + at + all.length });
    at += all.length;
  }
  return found;
}

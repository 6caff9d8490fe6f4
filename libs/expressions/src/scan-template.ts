export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  /** `offset` is that of `source`, behind the `{{`, in the whole string. */
  | { readonly kind: 'expression'; readonly source: string; readonly offset: number }
  /** `{{` without its `}}`. */
  | { readonly kind: 'unclosed'; readonly source: string; readonly offset: number };

const OPEN = '{{';
const CLOSE = '}}';

/** Whether the string is more than plain text. */
export function holdsExpressions(text: string): boolean {
  return text.includes(OPEN);
}

/** Cuts a string into its text and its expressions. */
export function scanTemplate(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf(OPEN, from);
    if (open < 0) break;
    if (open > from) segments.push({ kind: 'text', text: text.slice(from, open) });
    const offset = open + OPEN.length;
    const close = findClose(text, offset);
    if (close < 0) return [...segments, { kind: 'unclosed', source: text.slice(offset), offset }];
    segments.push({ kind: 'expression', source: text.slice(offset, close), offset });
    from = close + CLOSE.length;
  }
  if (from < text.length) segments.push({ kind: 'text', text: text.slice(from) });
  return segments;
}

/** Where the expression's `}}` is. When quotes or braces are left open, the next `}}`: then the parser tells what is wrong. */
function findClose(text: string, from: number): number {
  let braces = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === '}' && braces === 0 && text[at + 1] === '}') return at;
    if (character === '{') braces++;
    if (character === '}') braces = Math.max(0, braces - 1);
    at = nextAfter(text, at, braces);
  }
  return text.indexOf(CLOSE, from);
}

function nextAfter(text: string, at: number, braces: number): number {
  const character = text[at];
  if (character === '"' || character === "'") return endOfString(text, at, character);
  if (character === '/' && text[at + 1] === '/') return endOfComment(text, at, braces);
  return at + 1;
}

/**
 * Behind the string literal that starts here. A backslash takes the next character along in every kind of literal, raw ones
 * too: so does the parser's lexer, and both must agree.
 */
function endOfString(text: string, start: number, quote: string): number {
  const closing = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  for (let at = start + closing.length; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(closing, at)) return at + closing.length;
    else if (closing.length === 1 && text[at] === '\n') return at;
  }
  return text.length;
}

/** A comment ends with its line, and before the `}}` of the expression: a comment at the end of an expression needs no line. */
function endOfComment(text: string, start: number, braces: number): number {
  const newline = text.indexOf('\n', start);
  const end = newline < 0 ? text.length : newline;
  const close = braces === 0 ? text.indexOf(CLOSE, start) : -1;
  return close >= 0 && close < end ? close : end;
}

import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { EXPRESSION_LIMITS } from './limits.ts';

export type ParseOutcome =
  | { readonly kind: 'parsed'; readonly ast: ASTNode }
  | { readonly kind: 'failed'; readonly offset: number; readonly message: string };

/** Only its parser is used: see the README for why evaluation is ours. */
const environment = new Environment({
  unlistedVariablesAreDyn: true,
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
  limits: {
    maxDepth: EXPRESSION_LIMITS.maxDepth,
    maxListElements: EXPRESSION_LIMITS.maxLiteralItems,
    maxMapEntries: EXPRESSION_LIMITS.maxLiteralItems,
    maxCallArguments: EXPRESSION_LIMITS.maxArguments,
  },
});

export function parseExpression(text: string): ParseOutcome {
  if (text.length > EXPRESSION_LIMITS.maxExpressionLength) {
    return { kind: 'failed', offset: 0, message: `is longer than ${EXPRESSION_LIMITS.maxExpressionLength} characters` };
  }
  if (text.trim() === '') return { kind: 'failed', offset: 0, message: 'there is no expression between {{ and }}' };
  try {
    return { kind: 'parsed', ast: environment.parse(text).ast };
  } catch (error) {
    // Thousands of signs in a row (`!!!…`) overflow the parser's stack.
    if (error instanceof RangeError) return { kind: 'failed', offset: 0, message: 'nests too deeply' };
    if (!(error instanceof ParseError)) throw error;
    return { kind: 'failed', offset: error.range?.start ?? 0, message: explain(error, text) };
  }
}

const HINTS: Readonly<Record<string, string>> = {
  '=': 'compare with ==',
  '&': 'write && for and',
  '|': 'write || for or',
  '`': 'write map["key"] for keys with other characters',
  $: 'write a name such as trigger.body',
};

function explain(error: ParseError, text: string): string {
  switch (error.code) {
    case 'expected_token':
    case 'unexpected_token':
    case 'unexpected_character':
      return unexpected(error, text);
    case 'limit_exceeded':
      return `nests too deeply or is too large (${error.summary})`;
    default:
      return error.summary;
  }
}

function unexpected(error: ParseError, text: string): string {
  const { start, end } = error.range ?? { start: 0, end: 0 };
  const found = text.slice(start, end);
  if (found === '') return 'the expression ends too early';
  const hint = HINTS[found];
  return `unexpected ${found}${hint === undefined ? '' : ` (${hint})`}`;
}

import {
  LiquidError,
  TokenKind,
  Tokenizer,
  type Liquid,
  type TagToken,
  type Template,
  type TopLevelToken,
} from 'liquidjs';
import { TEMPLATE_LIMITS } from './limits.ts';
import type { TemplatePart, TemplateProblem } from './types.ts';

export type ParsedLiquid =
  | { readonly ok: true; readonly templates: readonly Template[] }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

export type TokenizedLiquid =
  | { readonly ok: true; readonly tokens: readonly TopLevelToken[] }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

/** Never throws. All problems that can be told apart, each with its line. */
export function parseLiquid(liquid: Liquid, path: TemplatePart, text: string): ParsedLiquid {
  const tokenized = tokenizeLiquid(path, text);
  if (!tokenized.ok) return tokenized;
  try {
    return { ok: true, templates: liquid.parse(text) };
  } catch (error) {
    return { ok: false, problems: liquidErrorsOf(error).map((one) => problemOf(path, one)) };
  }
}

/** Tags, outputs and what stands between them; not more of them, and not deeper, than LiquidJS parses in little time. */
export function tokenizeLiquid(path: TemplatePart, text: string): TokenizedLiquid {
  let tokens: readonly TopLevelToken[];
  try {
    tokens = new Tokenizer(text).readTopLevelTokens();
  } catch (error) {
    return { ok: false, problems: [problemOf(path, error)] };
  }
  const problem = tooManyOf(path, tokens) ?? tooDeepOf(path, tokens);
  return problem ? { ok: false, problems: [problem] } : { ok: true, tokens };
}

export function isLiquid({ kind }: TopLevelToken): boolean {
  return kind === TokenKind.Tag || kind === TokenKind.Output;
}

function isTag(token: TopLevelToken): token is TagToken {
  return token.kind === TokenKind.Tag;
}

function tooManyOf(path: TemplatePart, tokens: readonly TopLevelToken[]): TemplateProblem | undefined {
  const limit = TEMPLATE_LIMITS.liquidTokens;
  if (tokens.length <= limit || tokens.filter(isLiquid).length <= limit) return undefined;
  return { path, message: `it has more than ${limit} tags and outputs` };
}

const BLOCKS = new Set(['if', 'unless', 'case', 'for', 'tablerow', 'capture', 'comment', 'raw']);

function tooDeepOf(path: TemplatePart, tokens: readonly TopLevelToken[]): TemplateProblem | undefined {
  const limit = TEMPLATE_LIMITS.liquidDepth;
  let depth = 0;
  for (const token of tokens) {
    if (!isTag(token)) continue;
    if (BLOCKS.has(token.name)) depth++;
    else if (token.name.startsWith('end')) depth--;
    if (depth > limit) return { path, line: lineOf(token), message: `more than ${limit} blocks inside one another` };
  }
  return undefined;
}

/** LiquidJS collects errors in lists, and those of blocks in lists within. */
export function liquidErrorsOf(error: unknown): readonly unknown[] {
  const isList = LiquidError.is(error) && 'errors' in error && Array.isArray(error.errors);
  return isList ? (error.errors as readonly unknown[]).flatMap(liquidErrorsOf) : [error];
}

export function problemOf(path: TemplatePart, error: unknown): TemplateProblem {
  const text = error instanceof Error ? error.message : String(error);
  // LiquidJS writes the place behind what it says, for each time that it hands it on.
  const message = text.replace(/(?:, line:\d+, col:\d+)+$/, '').slice(0, 500);
  return LiquidError.is(error) ? { path, line: lineOf(error.token), message } : { path, message };
}

function lineOf(token: { getPosition(): number[] }): number {
  return token.getPosition()[0] ?? 1;
}

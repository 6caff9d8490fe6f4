import { TEMPLATE_LIMITS } from '../limits.ts';
import type { MarkupToken, ScannedMarkup } from './scan-markup.ts';

/** Something wrong at a place of the text with holes. */
export interface Misplaced {
  readonly offset: number;
  readonly message: string;
}

/** The element that text behind a token is in, by the token's index. */
export type Parents = readonly (string | undefined)[];

export type TagToken = Exclude<MarkupToken, { kind: 'comment' }>;

/** They have no end in HTML, with or without a slash. */
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));

/** The first thing that does not nest, if any: all that follows is about the same mistake. */
export function checkNesting({ tokens, unclosed }: ScannedMarkup): { problem?: Misplaced; parents: Parents } {
  const open: TagToken[] = [];
  const parents: (string | undefined)[] = [];
  for (const token of tokens) {
    const problem = nest(token, open);
    if (problem) return { problem, parents };
    parents.push(open.at(-1)?.name);
  }
  if (unclosed !== undefined) {
    return { problem: { offset: unclosed, message: 'a tag or a comment begins here and never ends' }, parents };
  }
  const last = open.at(-1);
  return last ? { problem: { offset: last.begin, message: `<${last.name}> is not closed` }, parents } : { parents };
}

function nest(token: MarkupToken, open: TagToken[]): Misplaced | undefined {
  if (token.kind === 'comment' || token.kind === 'empty' || VOID.has(token.name)) return undefined;
  if (token.kind === 'close') return closing(token, open.pop());
  open.push(token);
  const { depth } = TEMPLATE_LIMITS.mjml;
  return open.length > depth
    ? { offset: token.begin, message: `more than ${depth} elements inside one another` }
    : undefined;
}

function closing({ begin: offset, name }: TagToken, opened: TagToken | undefined): Misplaced | undefined {
  if (opened?.name === name) return undefined;
  if (!opened) return { offset, message: `</${name}> closes nothing` };
  return { offset, message: `</${name}> stands where <${opened.name}> must be closed` };
}

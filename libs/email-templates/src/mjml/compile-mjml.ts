import type { TopLevelToken } from 'liquidjs';
import type { TemplateProblem } from '../types.ts';
import { checkMjml, isInValue, type Place } from './check-mjml.ts';
import type { Misplaced } from './check-nesting.ts';
import { applyEdits, type Edit } from './edits.ts';
import { digHoles, type Holes } from './liquid-holes.ts';
import { misplacedOf } from './mjml-errors.ts';
import { runMjml } from './run-mjml.ts';
import { scanMarkup, type MarkupToken } from './scan-markup.ts';

export type CompiledMjml =
  { readonly ok: true; readonly html: string } | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

/** MJML with Liquid in it as HTML with Liquid in it, and that is in the order and in the places that it was written in. */
export async function compileMjml(source: string, liquid: readonly TopLevelToken[]): Promise<CompiledMjml> {
  const holes = digHoles(source, liquid);
  const refused = (misplaced: readonly Misplaced[]): CompiledMjml => ({
    ok: false,
    problems: misplaced.map(({ offset, message }) => problemAt(source, holes.sourceOffsetOf(offset), message)),
  });
  const scanned = scanMarkup(holes.text);
  const { misplaced, places } = checkMjml(holes, scanned);
  if (misplaced.length > 0) return refused(misplaced);
  const { before, after, inner } = aroundRoot(holes);
  const edited = applyEdits(holes.text, [...inner, ...holeEdits(places), ...quoteEdits(scanned.tokens)]);
  const result = await runMjml(edited.text);
  if (result.type === 'error') {
    const { offset, message } = misplacedOf(result, edited.text);
    return refused([{ offset: edited.offsetBefore(offset), message }]);
  }
  const lost = lostTags(holes, before + result.content + after);
  if (lost.length > 0) return refused(lost);
  return { ok: true, html: holes.fill(before + result.content + after) };
}

function problemAt(source: string, offset: number, message: string): TemplateProblem {
  let line = 1;
  for (let at = source.indexOf('\n'); at >= 0 && at < offset; at = source.indexOf('\n', at + 1)) line++;
  return { path: 'source', line, message };
}

/** Liquid before and behind all of the markup, such as `assign`, is for MJML not to see. */
function aroundRoot(holes: Holes) {
  const { text } = holes;
  const begin = Math.max(text.indexOf('<'), 0);
  const end = text.lastIndexOf('>') + 1;
  const isLiquid = (part: string) => withoutLiquid(holes.fill(part)).trim() === '';
  const [before, after] = [text.slice(0, begin), text.slice(end)];
  const inner: Edit[] = [];
  if (isLiquid(before)) inner.push({ begin: 0, end: begin, into: '' });
  if (isLiquid(after)) inner.push({ begin: end, end: text.length, into: '' });
  return { before: isLiquid(before) ? before.trim() : '', after: isLiquid(after) ? after.trim() : '', inner };
}

function withoutLiquid(text: string): string {
  return text.replace(/\{%-?\s*comment\b[^]*?\bendcomment\s*-?%\}|\{%[^]*?%\}|\{\{[^]*?\}\}/g, '');
}

/**
 * MJML drops text between the sections of a wrapper, and keeps it where it is said to be raw. Between attributes it takes
 * words that stand alone.
 */
function holeEdits(places: readonly Place[]): readonly Edit[] {
  return places.flatMap(({ begin, end, piece, tag, parent }) => {
    if (parent === 'mj-wrapper') return around(begin, end, ['<mj-raw>', '</mj-raw>']);
    const isBetween = piece.isTag && tag && tag.kind !== 'comment' && !isInValue(tag, begin);
    return isBetween ? around(begin, end, [' ', ' ']) : [];
  });
}

function around(begin: number, end: number, [before, behind]: readonly [string, string]): readonly Edit[] {
  return [
    { begin, end: begin, into: before },
    { begin: end, end, into: behind },
  ];
}

/** The compiler writes all values within double quotes, and does not look whether there are some in them. */
function quoteEdits(tokens: readonly MarkupToken[]): readonly Edit[] {
  return tokens.flatMap((token) => {
    if (token.kind === 'comment') return [];
    return token.attributes
      .filter(({ value }) => value?.includes('"'))
      .map(({ value = '', end }) => {
        const close = end - 1;
        return { begin: close - value.length, end: close, into: value.replaceAll('"', '&quot;') };
      });
  });
}

function lostTags(holes: Holes, html: string): readonly Misplaced[] {
  const kept = new Set(holes.holesIn(html).map(({ piece }) => piece));
  return holes
    .holesIn(holes.text)
    .filter(({ piece }) => piece.isTag && !kept.has(piece))
    .map(({ piece, begin }) => ({ offset: begin, message: `${piece.liquid.slice(0, 60)} stands where MJML drops it` }));
}

import type { TopLevelToken } from 'liquidjs';
import { isLiquid } from '../parse-liquid.ts';

/**
 * A source with a word in the place of each piece of Liquid, so that MJML sees no quotes, angle brackets and line breaks of
 * Liquid's, and what it makes of the rest can be filled again.
 */
export interface Holes {
  readonly text: string;
  /** The pieces of Liquid, by the number in their word. */
  readonly pieces: readonly Piece[];
  /** Where in the source a place of the text is. */
  sourceOffsetOf(offset: number): number;
  /** Words in a text, each with its piece. */
  holesIn(text: string): readonly Hole[];
  /** The text with nothing in the place of words. */
  without(text: string): string;
  /** The text with Liquid in the place of words. */
  fill(text: string): string;
}

export interface Hole {
  readonly piece: Piece;
  readonly begin: number;
  readonly end: number;
}

export interface Piece {
  readonly liquid: string;
  /** In the source. */
  readonly begin: number;
  readonly isTag: boolean;
}

export function digHoles(source: string, tokens: readonly TopLevelToken[]): Holes {
  const mark = unusedMark(source);
  const pieces: Piece[] = [];
  /** Begins of what is alike in both, in order. */
  const anchors: { readonly inText: number; readonly inSource: number }[] = [{ inText: 0, inSource: 0 }];
  let text = '';
  let copied = 0;
  for (const { begin, end } of tokens.filter(isLiquid)) {
    text += `${source.slice(copied, begin)}${mark}${pieces.length}z`;
    const liquid = source.slice(begin, end);
    pieces.push({ liquid, begin, isTag: liquid.startsWith('{%') });
    copied = end;
    anchors.push({ inText: text.length, inSource: end });
  }
  text += source.slice(copied);
  const pattern = new RegExp(`${mark}(\\d+)z`, 'g');
  return {
    text,
    pieces,
    sourceOffsetOf(offset) {
      const anchor = anchors.findLast(({ inText }) => inText <= offset) ?? { inText: 0, inSource: 0 };
      return Math.min(anchor.inSource + offset - anchor.inText, source.length);
    },
    holesIn: (filled) =>
      [...filled.matchAll(pattern)].flatMap(({ 0: word, 1: number, index: begin }) => {
        const piece = pieces[Number(number)];
        return piece ? [{ piece, begin, end: begin + word.length }] : [];
      }),
    without: (filled) => filled.replace(pattern, ''),
    fill: (compiled) => compiled.replace(pattern, (word, number: string) => pieces[Number(number)]?.liquid ?? word),
  };
}

/** Letters alone, so that it is a word wherever a name, a URL or a colour may stand. */
function unusedMark(source: string): string {
  let mark = 'lqhole';
  while (source.includes(mark)) mark += 'x';
  return mark;
}

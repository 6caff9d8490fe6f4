import type { Run } from '../run.ts';

/** CEL counts characters of Unicode; JavaScript counts UTF-16 units. They only differ where surrogates stand. */
const SURROGATE = /[\ud800-\udfff]/;

export function countCodePoints(run: Run, text: string): number {
  run.spendText(text.length);
  if (!SURROGATE.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The part from character `start` up to, not including, `end`; undefined when the text has no such part. */

export function slice(run: Run, text: string, start: number, end: number | undefined): string | undefined {
  const length = countCodePoints(run, text);
  const until = end ?? length;
  if (start < 0 || start > until || until > length) return undefined;
  if (length === text.length) return text.slice(start, until);
  return text.slice(unitOffset(text, start), unitOffset(text, until));
}

/** UTF-16 offset of the character with this number. */
export function unitOffset(text: string, character: number): number {
  let units = 0;
  for (let count = 0; count < character && units < text.length; count++) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}

/** Number of the character at a UTF-16 offset; -1 stays -1. */
export function characterAt(run: Run, text: string, units: number): number {
  return units < 0 ? -1 : countCodePoints(run, text.slice(0, units));
}

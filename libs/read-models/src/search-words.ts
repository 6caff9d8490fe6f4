/** Longer words are known by their first so many UTF-16 units, in texts and in searches alike. */
export const MAX_WORD_LENGTH = 64;

/** Letters and digits of any script, joined by what joins parts of one name: `A-17`, `3.5`, `ada@example.com`. */
const COMPOUND = /[\p{L}\p{N}\p{M}]+(?:[-._@'+]+[\p{L}\p{N}\p{M}]+)*/gu;
/** The same for texts of ASCII alone, in lower case: most are, and it takes a fifth of the time. */
const ASCII_COMPOUND = /[a-z0-9]+(?:[-._@'+]+[a-z0-9]+)*/g;
const BEYOND_ASCII = /[\u0080-\uffff]/;
/** In lower case. Of all instants there are, few are asked for, and each would be several words of its own. */
const INSTANT = /(\d{4}-\d\d-\d\d)t\d\d:\d\d[\d:.]*(?:z|[-+]\d\d:?\d\d)?/g;
const NUMBERS = /^[-._@'+\d]*$/;
const JOINT = /[-._@'+]+/;
const AT = /[-._'+]*@[-._@'+]*/;

/**
 * The words of a text, without regard to case and to the width or style of letters (NFKC). What is joined is a word as a
 * whole, and so are its parts and the sides of an `@`: `ada@example.com`, `ada`, `example.com`, `example`, `com`. Numbers
 * have no parts (`75.25`, `127.0.0.1`), and an instant is known by its date.
 */
export function wordsIn(text: string): string[] {
  const words: string[] = [];
  for (const compound of compoundsIn(text)) {
    words.push(cut(compound));
    if (!JOINT.test(compound) || NUMBERS.test(compound)) continue;
    for (const side of compound.split(AT)) words.push(cut(side));
    for (const part of compound.split(JOINT)) words.push(cut(part));
  }
  return words;
}

/** The words that a search asks for: what is joined is meant as a whole. */
export function wordsAskedFor(search: string): string[] {
  return [...new Set(compoundsIn(search).map(cut))];
}

function compoundsIn(text: string): readonly string[] {
  const isAscii = !BEYOND_ASCII.test(text);
  const folded = (isAscii ? text : text.normalize('NFKC')).toLowerCase().replace(INSTANT, '$1');
  return folded.match(isAscii ? ASCII_COMPOUND : COMPOUND) ?? [];
}

function cut(word: string): string {
  return word.length > MAX_WORD_LENGTH ? word.slice(0, MAX_WORD_LENGTH) : word;
}

import fc from 'fast-check';
import { MAX_WORD_LENGTH, wordsAskedFor, wordsIn } from './search-words.ts';

const words = (text: string): string[] => [...new Set(wordsIn(text))];

describe('the words of a text', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['Big order, from Ada!', ['big', 'order', 'from', 'ada']],
    ['A-17', ['a-17', 'a', '17']],
    ['ada@example.com', ['ada@example.com', 'ada', 'example.com', 'example', 'com']],
    ['250.5 -3 127.0.0.1 1e+21', ['250.5', '3', '127.0.0.1', '1e+21', '1e', '21']],
    [
      'at 2026-11-24T10:00:00.123Z, 2026-11-25T10:00+01:00 and 2026-11-26',
      ['at', '2026-11-24', '2026-11-25', 'and', '2026-11-26'],
    ],
    [
      'https://example.com/orders/A-17?x=1',
      ['https', 'example.com', 'example', 'com', 'orders', 'a-17', 'a', '17', 'x', '1'],
    ],
    ["It's snake_case.", ["it's", 'it', 's', 'snake_case', 'snake', 'case']],
    ['GRÖSSE größe ＡＢＣ ﬁn', ['grösse', 'größe', 'abc', 'fin']],
    ['naïve नमस्ते 東京 🔑', ['naïve', 'नमस्ते', '東京']],
    ['% _ "quoted" \\ \u0000nul\u0000 half\ud83d', ['quoted', 'nul', 'half']],
    ['--a--b--', ['a--b', 'a', 'b']],
  ])('of %j', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it('are known by their beginning when they are long', () => {
    const long = 'x'.repeat(MAX_WORD_LENGTH);
    expect(words(long)).toEqual([long]);
    expect(words(`${long}y`)).toEqual([long]);
    expect(wordsAskedFor(`${long}z`)).toEqual([long]);
  });
});

describe('a search', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['% "_" ()', []],
    ['Ada ada  ADA', ['ada']],
    ['order A-17', ['order', 'a-17']],
    ['ada@example.com', ['ada@example.com']],
    ['2026-11-24T10:00:00Z', ['2026-11-24']],
  ])('for %j', (search, expected) => {
    expect(wordsAskedFor(search)).toEqual(expected);
  });

  const texts = fc.string({
    unit: fc.oneof(fc.constantFrom(...'aZ9-._@\' +/\u0000\ud83dß%"'), fc.string({ unit: 'binary', maxLength: 1 })),
  });

  it('finds each text by itself, and by any of its words', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const found = new Set(wordsIn(text));
        for (const word of wordsAskedFor(text)) expect(found).toContain(word);
        for (const word of found) for (const asked of wordsAskedFor(word)) expect(found).toContain(asked);
      }),
    );
  });

  it('is for short words without separators, whatever the text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const word of wordsIn(text)) {
          expect(word.length).toBeLessThanOrEqual(MAX_WORD_LENGTH);
          expect(word).toMatch(/^[^\s\u0000%"/]+$/);
        }
      }),
    );
  });

  it('takes no longer than its length lets expect', () => {
    const hostile = ['a'.repeat(100_000), 'a-'.repeat(50_000), '-'.repeat(100_000), 'a@'.repeat(50_000)];
    for (const text of hostile) expect(wordsAskedFor(text).length).toBeLessThanOrEqual(1);
  });
});

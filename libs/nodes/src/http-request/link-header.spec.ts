import { nextLink } from './link-header.ts';

describe('the next link', () => {
  it.each([
    ['<https://a.example/?page=2>; rel="next"', 'https://a.example/?page=2'],
    ['</p?a=1,2;3>; rel=next', '/p?a=1,2;3'],
    ['<a>; rel="prev", <b>; rel="next", <c>; rel="last"', 'b'],
    ['<a>; title="x, <b>; rel=next"; rel="first", <c>; REL="Next"', 'c'],
    ['<a>; rel="prefetch next"', 'a'],
    ['<a>;rel=prev;rel=next,<b> ; rel = "next"', 'b'],
    ["<a>; title*=UTF-8''x; rel=next", 'a'],
    ['<>; rel=next', ''],
    ['<a>; rel="nextish"', undefined],
    ['<a>; rel', undefined],
    ['<a>', undefined],
    ['a; rel=next', undefined],
    ['', undefined],
  ])('of %s', (header, target) => {
    expect(nextLink(header)).toBe(target);
  });

  it.each(['<', '<a>; ', '<a>;rel="', '<a>;x=\\"', '<>;a   '])(
    'is looked for in no more than a moment: %j',
    (piece) => {
      expect(nextLink(piece.repeat(16_384 / piece.length))).toBeUndefined();
    },
  );
});

import { MillraceError } from '#libs/kernel';
import { isKnown, versionOfIfMatch } from './entity-tags.ts';

describe('entity tags', () => {
  it.each([
    [undefined, 'IF_MATCH_REQUIRED'],
    ['', 'IF_MATCH_NO_MATCH'],
    ['*', 'IF_MATCH_NO_MATCH'],
    ['1', 'IF_MATCH_NO_MATCH'],
    ['W/"1"', 'IF_MATCH_NO_MATCH'],
    ['"1", "2"', 'IF_MATCH_NO_MATCH'],
    ['"9999999999"', 'IF_MATCH_NO_MATCH'],
  ])('If-Match %j is refused with %s', (header, code) => {
    expect(() => versionOfIfMatch(header)).toThrow(expect.objectContaining<Partial<MillraceError>>({ code }) as Error);
  });

  it.each([
    [undefined, false],
    ['"2"', false],
    ['"1-1"', false],
    ['1', false],
    ['"1"', true],
    ['W/"1"', true],
    ['"2", "1"', true],
    ['*', true],
  ])('If-None-Match %j: %s', (header, known) => {
    expect(isKnown(header, '"1"')).toBe(known);
  });
});

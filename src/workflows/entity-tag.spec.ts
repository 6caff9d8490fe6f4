import { MillraceError } from '#libs/kernel';
import { entityTagOf, isKnown, versionOfIfMatch } from './entity-tag.ts';

const tag = (latestVersion: number, revision: number, versionRevision: number): string =>
  entityTagOf({ latestVersion, revision, versionRevision });

describe('the entity tag of a workflow', () => {
  it('is its version, and changes with every change since', () => {
    expect(tag(1, 2, 2)).toBe('"1"');
    expect(tag(1, 3, 2)).toBe('"1-1"');
    expect(tag(2, 4, 4)).toBe('"2"');
  });

  it.each([2, 3, 9])('names its version to If-Match at revision %i', (revision) => {
    expect(versionOfIfMatch(` ${tag(7, revision, 2)} `)).toBe(7);
  });

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

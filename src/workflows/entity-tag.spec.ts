import { versionOfIfMatch } from '../platform/http/entity-tags.ts';
import { entityTagOf } from './entity-tag.ts';

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
});

import { nodeTypeNameOf, writtenNodeType } from './index.ts';

describe('the name of a node type', () => {
  it.each([
    ['http.request', 'http.request', 1],
    ['github.issue.create@2', 'github.issue.create', 2],
    ['a@10', 'a', 10],
    ['a@1', 'a@1', 1],
    ['a@0', 'a@0', 1],
    ['a@02', 'a@02', 1],
    ['a@2@3', 'a@2@3', 1],
    ['@2', '@2', 1],
    ['', '', 1],
  ])('%j is %s in version %i', (type, name, version) => {
    expect(nodeTypeNameOf(type)).toEqual({ name, version });
    expect(writtenNodeType({ name, version })).toBe(type);
  });
});

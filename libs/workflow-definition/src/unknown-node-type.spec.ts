import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';
import { unknownNodeType, versionsOf } from './unknown-node-type.ts';

describe('a node type that is not installed', () => {
  it.each([
    ['work@7', 'there is no version 7 of "work", only 1'],
    ['send@9', 'there is no version 9 of "send", only 1, 2, 3'],
    ['wrok', 'there is no node type "wrok"; did you mean "work"?'],
    ['sned@2', 'there is no node type "sned@2"; did you mean "send@2"?'],
    ['nothing.like.it', 'there is no node type "nothing.like.it"'],
    ['x'.repeat(200), `there is no node type "${'x'.repeat(64)}…"`],
  ])('%j: %s', (type, message) => {
    expect(unknownNodeType(type, SAMPLE_NODE_TYPES)).toBe(message);
  });
});

describe('versions of a node type', () => {
  it('are those that are installed, whatever their order', () => {
    const types = [...SAMPLE_NODE_TYPES].reverse();
    expect(versionsOf('send', new Map(types))).toEqual([1, 2, 3]);
    expect(versionsOf('sen', SAMPLE_NODE_TYPES)).toEqual([]);
  });
});

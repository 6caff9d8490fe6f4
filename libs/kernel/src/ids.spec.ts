import { ID_PREFIXES, tryParseId, type IdKind } from './ids.ts';

const kinds = Object.keys(ID_PREFIXES) as IdKind[];

describe('an id', () => {
  it.each(kinds)('of kind "%s" is what has its prefix', (kind) => {
    const id = `${ID_PREFIXES[kind]}_01JD9-x_Z`;
    expect(tryParseId(kind, id)).toBe(id);
  });

  it('of another kind is not accepted', () => {
    expect(tryParseId('workflow', 'ex_1')).toBeUndefined();
  });

  it.each(['', 'ex', 'ex_', 'EX_1', ' ex_1', 'ex_1 ', 'ex_1\n', 'ex_a.b', 'ex_*', 'ex_>', 'ex_a/b', 'ex_ä'])(
    'is not %j: it is to be a token of a subject',
    (text) => {
      expect(tryParseId('execution', text)).toBeUndefined();
    },
  );

  it('has 64 characters after its prefix at most', () => {
    expect(tryParseId('execution', `ex_${'a'.repeat(64)}`)).toBeDefined();
    expect(tryParseId('execution', `ex_${'a'.repeat(65)}`)).toBeUndefined();
  });

  it('has a prefix that no other kind has', () => {
    expect(new Set(Object.values(ID_PREFIXES)).size).toBe(kinds.length);
  });
});

import { HELP, parseOptions } from './options.ts';

const FINGERPRINT = 'a1'.repeat(32);

describe('the options of the verifier', () => {
  it('name a file, keys that count, and another file to compare with', () => {
    expect(parseOptions(['audit.ndjson'])).toEqual({
      ...{ json: false, help: false, file: 'audit.ndjson', trusted: undefined, other: undefined },
    });
    const args = ['a', '--key', FINGERPRINT, '--checkpoint', 'b', '--json'];
    expect(parseOptions(args)).toMatchObject({ json: true, file: 'a', trusted: new Set([FINGERPRINT]), other: 'b' });
    expect(parseOptions(['--help'])).toMatchObject({ help: true });
  });

  it.each([[[]], [['a', 'b']], [['a', '--key', 'A1']], [['a', '--fast']]])(
    'refuse %j, and say what there is',
    (args) => {
      expect(() => parseOptions(args)).toThrow(HELP);
    },
  );
});

import { MillraceError } from '#libs/kernel';
import { parseOptions } from './options.ts';

describe('what the doctor is asked', () => {
  it('is to look at everything, unless it is told otherwise', () => {
    expect(parseOptions([])).toEqual({ json: false, help: false });
    expect(parseOptions(['--json', '--workspace', 'ws_a'])).toEqual({ json: true, help: false, workspaceId: 'ws_a' });
  });

  it.each([[['--all']], [['ws_a']], [['--workspace', 'wf_a']], [['--workspace']]])(
    'refuses %j with the help',
    (args) => {
      expect(() => parseOptions(args)).toThrow(MillraceError);
      expect(() => parseOptions(args)).toThrow(/npm run doctor -- /);
    },
  );
});

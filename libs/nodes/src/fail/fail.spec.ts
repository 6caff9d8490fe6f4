import { computeWritten, refusedAtPublish } from '../testing/run-nodes.ts';
import { failNode } from './fail.ts';

describe('fail', () => {
  it('fails with its code and message, for good', () => {
    const config = { code: 'OUT_OF_STOCK', message: 'No more {{ trigger.body.sku }}' };
    expect(() => computeWritten(failNode, config, { sku: 'pens' })).toThrow(
      expect.objectContaining({
        name: 'NodeError',
        code: 'OUT_OF_STOCK',
        message: 'No more pens',
        options: { retryable: false },
      }) as Error,
    );
  });

  it.each(['A', 'HTTP_404', 'A1_B2', 'A'.repeat(100)])('takes the code %s', (code) => {
    expect(refusedAtPublish(failNode, { code, message: 'm' })).toEqual([]);
  });

  it.each(['', 'a', 'Out_Of_Stock', '_A', 'A_', 'A__B', '4A', 'A-B', 'A\n', 'A'.repeat(101)])(
    'does not take the code %j',
    (code) => {
      expect(refusedAtPublish(failNode, { code, message: 'm' })).toEqual([expect.stringMatching(/^code: /)]);
      expect(() => computeWritten(failNode, { code: '{{ trigger.body }}', message: 'm' }, code)).toThrow(
        expect.objectContaining({ code: 'INVALID_CONFIG' }) as Error,
      );
    },
  );

  it('has a message of up to 2,000 characters', () => {
    const refused = (length: number) => refusedAtPublish(failNode, { code: 'A', message: 'm'.repeat(length) });
    expect(refused(2_000)).toEqual([]);
    expect(refused(2_001)).toEqual([expect.stringMatching(/^message: /)]);
    expect(refused(0)).toEqual([expect.stringMatching(/^message: /)]);
    expect(refusedAtPublish(failNode, {})).toEqual(['code: is required', 'message: is required']);
  });
});

import fc from 'fast-check';
import { idempotencyKeyOf } from './idempotency-key.ts';

describe('an idempotency key', () => {
  const place = fc.record({ executionId: fc.string(), nodeId: fc.string() });
  const index = fc.option(fc.nat(), { nil: undefined });

  it('follows from the execution, the node and the item, and is fit for a header', () => {
    fc.assert(
      fc.property(place, index, (at, item) => {
        const key = idempotencyKeyOf(at, item);
        expect(key).toMatch(/^[\w-]{43}$/);
        expect(idempotencyKeyOf({ ...at }, item)).toBe(key);
      }),
    );
  });

  it('is another for another execution, node or item', () => {
    const keys = [
      idempotencyKeyOf({ executionId: 'ex_1', nodeId: 'a' }, undefined),
      idempotencyKeyOf({ executionId: 'ex_2', nodeId: 'a' }, undefined),
      idempotencyKeyOf({ executionId: 'ex_1', nodeId: 'b' }, undefined),
      idempotencyKeyOf({ executionId: 'ex_1', nodeId: 'a' }, 0),
      idempotencyKeyOf({ executionId: 'ex_1', nodeId: 'a' }, 1),
      idempotencyKeyOf({ executionId: 'ex_1a', nodeId: '' }, undefined),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

import { leaseTtlMs, timesOf } from './lease-times.ts';

describe('the times of a lease', () => {
  it.each([1, 3])('leave room for two renewals without an answer, with %i replicas', (replicas) => {
    const { ttlMs, renewEveryMs, ackTimeoutMs, surelyHeldMs } = timesOf(leaseTtlMs(replicas));
    expect(renewEveryMs + 2 * ackTimeoutMs).toBeLessThan(surelyHeldMs);
    expect(surelyHeldMs).toBeLessThan(ttlMs);
  });

  it('outlast the election of a leader that begins just before a renewal', () => {
    const { renewEveryMs, surelyHeldMs } = timesOf(leaseTtlMs(3));
    expect(renewEveryMs + 9_000).toBeLessThan(surelyHeldMs);
  });

  it.each([0, 999, 1_500, Number.NaN])('are of whole seconds: not %p ms', (ttlMs) => {
    expect(() => timesOf(ttlMs)).toThrow('whole seconds');
  });
});

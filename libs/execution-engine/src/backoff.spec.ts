import fc from 'fast-check';
import type { RetryPolicy } from '#libs/workflow-definition';
import { backoffMs, MAX_BACKOFF_MS, plainBackoffMs, shouldRetry } from './backoff.ts';

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 100 }),
  backoff: fc.constantFrom('fixed', 'linear', 'exponential'),
  initialMs: fc.integer({ min: 1, max: MAX_BACKOFF_MS }),
  maxMs: fc.integer({ min: 1, max: MAX_BACKOFF_MS }),
  jitter: fc.boolean(),
});
const attempts = fc.integer({ min: 1, max: 100 });

describe('backoff', () => {
  it('never decreases before jitter', () => {
    fc.assert(
      fc.property(policies, attempts, (policy, attempt) => {
        expect(plainBackoffMs(policy, attempt + 1)).toBeGreaterThanOrEqual(plainBackoffMs(policy, attempt));
        const exact = { ...policy, jitter: false };
        expect(backoffMs(exact, attempt + 1, 'seed')).toBeGreaterThanOrEqual(backoffMs(exact, attempt, 'seed'));
      }),
    );
  });

  it('is whole milliseconds, never negative and never above its cap', () => {
    fc.assert(
      fc.property(policies, attempts, fc.string(), (policy, attempt, seed) => {
        const delay = backoffMs(policy, attempt, seed);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(policy.maxMs, MAX_BACKOFF_MS));
      }),
    );
  });

  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(policies, attempts, fc.string(), (policy, attempt, seed) => {
        expect(backoffMs(policy, attempt, seed)).toBe(backoffMs(policy, attempt, seed));
      }),
    );
  });

  it('is spread over the whole range by neighbouring seeds', () => {
    const policy = { maxAttempts: 3, backoff: 'fixed', initialMs: 1000, maxMs: 1000, jitter: true } as const;
    const tenths = new Array<number>(10).fill(0);
    for (let index = 0; index < 5000; index++) {
      const tenth = Math.min(9, Math.floor(backoffMs(policy, 1, `ex_${index}/send/1`) / 100));
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(400);
    expect(Math.max(...tenths)).toBeLessThan(600);
  });
});

describe('another attempt', () => {
  const policy: RetryPolicy = { maxAttempts: 2, backoff: 'fixed', initialMs: 1, maxMs: 1, jitter: false };
  interface Case {
    attempt?: number;
    retryable?: boolean;
    lists?: Partial<RetryPolicy>;
    expected: boolean;
  }

  it.each([
    ['a retryable failure', { expected: true }],
    ['the last attempt', { attempt: 2, expected: false }],
    ['an attempt beyond the last', { attempt: 3, expected: false }],
    ['a terminal failure', { retryable: false, expected: false }],
    ['a terminal failure that is listed', { retryable: false, lists: { retryOn: ['A'] }, expected: true }],
    ['a listed one at the last attempt', { attempt: 2, retryable: false, lists: { retryOn: ['A'] }, expected: false }],
    ['an excluded failure', { lists: { dontRetryOn: ['A'] }, expected: false }],
    ['one beside which others are excluded', { lists: { dontRetryOn: ['B'] }, expected: true }],
  ])('after %s', (_, { attempt = 1, retryable = true, lists = {}, expected }: Case) => {
    expect(shouldRetry({ ...policy, ...lists }, attempt, { code: 'A', message: '', retryable })).toBe(expected);
  });
});

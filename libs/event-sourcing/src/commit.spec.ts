import { lastVersionOf } from './commit.ts';
import { ConcurrencyConflict, LogUnavailableError } from './event-store.ts';

describe('the last version of a commit', () => {
  it('is that of its last event', () => {
    const commit = { id: 'c', aggregateId: 'ex_1', at: '2026-11-23T10:00:00.000Z' };
    const event = { type: 'Noted', data: {} };
    expect(lastVersionOf({ ...commit, firstVersion: 1, events: [event] })).toBe(1);
    expect(lastVersionOf({ ...commit, firstVersion: 5, events: [event, event, event] })).toBe(7);
  });
});

describe('what a store refuses with', () => {
  it('a conflict is to be decided again', () => {
    const cause = new Error('below');
    const conflict = new ConcurrencyConflict('ex_1', cause);
    expect(conflict).toMatchObject({ kind: 'conflict', code: 'CONCURRENCY_CONFLICT', name: 'ConcurrencyConflict' });
    expect(conflict.message).toContain('ex_1');
    expect(conflict.cause).toBe(cause);
  });

  it('a log that is away is to be tried later', () => {
    expect(new LogUnavailableError('away')).toMatchObject({
      kind: 'unavailable',
      code: 'LOG_UNAVAILABLE',
      name: 'LogUnavailableError',
      retryAfterMs: 1000,
    });
    expect(new LogUnavailableError('busy', { code: 'LOG_BUSY', retryAfterMs: 50 })).toMatchObject({
      code: 'LOG_BUSY',
      retryAfterMs: 50,
    });
  });
});

import { periodOf } from './period-of.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 12);
const now = '2026-11-29T12:00:00.000Z';

describe('the time that mails are counted of', () => {
  it.each([
    [{}, { from: '2026-11-22T12:00:00.000Z', to: now }],
    [{ to: '2026-03-08T00:00:00.000Z' }, { from: '2026-03-01T00:00:00.000Z', to: '2026-03-08T00:00:00.000Z' }],
    [{ from: '2026-11-29T11:59:59.999Z' }, { from: '2026-11-29T11:59:59.999Z', to: now }],
    [{ from: '2026-08-31T12:00:00.000Z' }, { from: '2026-08-31T12:00:00.000Z', to: now }],
    [{ to: '0001-01-02T00:00:00.000Z' }, { from: '0001-01-01T00:00:00.000Z', to: '0001-01-02T00:00:00.000Z' }],
  ])('of %j is %j', (asked, period) => {
    expect(periodOf(asked, NOW_MS)).toEqual(period);
  });

  it.each([
    [{ from: '2026-08-31T11:59:59.999Z' }, 'refused', 'PERIOD_TOO_LONG'],
    [{ from: '0001-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.999Z' }, 'refused', 'PERIOD_TOO_LONG'],
    [{ from: now }, 'malformed', 'INVALID_REQUEST'],
    [{ from: '2026-11-30T00:00:00.000Z', to: '2026-11-29T00:00:00.000Z' }, 'malformed', 'INVALID_REQUEST'],
    [{ to: '0001-01-01T00:00:00.000Z' }, 'malformed', 'INVALID_REQUEST'],
  ])('%j is %s: %s', (asked, kind, code) => {
    expect(() => periodOf(asked, NOW_MS)).toThrow(expect.objectContaining({ kind, code }) as Error);
  });
});

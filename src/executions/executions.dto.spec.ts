import { listExecutionsQuery } from './executions.dto.ts';

const wordsUpTo = (count: number): string => Array.from({ length: count }, (_, n) => `w${n}`).join(' ');

describe('what lists of executions take', () => {
  it.each([
    { from: '2026-11-23T10:00:00.000Z', to: '2026-11-24T10:00:00.123Z' },
    { from: '0001-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.999Z' },
    { q: 'x'.repeat(200) },
    { q: '%' },
    { q: wordsUpTo(16) },
    { nodeId: 'a'.repeat(64), trigger: 'trigger.webhook', workflowId: 'wf_1' },
  ])('%j', (query) => {
    expect(listExecutionsQuery.safeParse(query)).toMatchObject({ success: true, data: { ...query, limit: 50 } });
  });

  it.each([
    ['2026-11-24T10:00:00.123456+02:00', '2026-11-24T08:00:00.123Z'],
    ['2026-01-01T00:00:00+16:00', '2025-12-31T08:00:00.000Z'],
    ['2026-01-01T00:00:00-23:59', '2026-01-01T23:59:00.000Z'],
    [`2026-01-01T00:00:00.${'0'.repeat(43)}Z`, '2026-01-01T00:00:00.000Z'],
  ])('an instant in any form is read as one that Postgres takes: %s', (text, at) => {
    expect(listExecutionsQuery.parse({ from: text, to: text })).toMatchObject({ from: at, to: at });
  });

  it.each([
    { from: `2026-01-01T00:00:00.${'0'.repeat(44)}Z` },
    { from: '2026-11-23' },
    { from: '2026-02-30T00:00:00Z' },
    { from: '0000-12-31T23:59:59Z' },
    { from: '0001-01-01T00:00:00+01:00' },
    { to: '9999-12-31T23:59:59.999-01:00' },
    { q: 'x'.repeat(201) },
    { q: ' ' },
    { q: wordsUpTo(17) },
    { q: ['a', 'b'] },
    { nodeId: 'a'.repeat(65) },
    { nodeId: '' },
    { workflowId: 'wf_\u0000' },
    { trigger: "'" },
    { status: 'Failed' },
    { other: '1' },
  ])('and what not: %j', (query) => {
    expect(listExecutionsQuery.safeParse(query).success).toBe(false);
  });
});

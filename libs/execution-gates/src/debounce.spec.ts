import { debounce, type Newest } from './debounce.ts';

const arrival = (second: number, executionId = `ex_${second}`) => ({
  executionId,
  createdAt: `2026-01-01T00:00:0${second}.000Z`,
});
const rule = (nowMs: number) => ({ delayMs: 1_000, nowMs });
const first: Newest = { ...arrival(1), arrivedAtMs: 5_000 };

describe('debounce', () => {
  it('holds the first for the whole delay', () => {
    const newest = { ...arrival(1), arrivedAtMs: 5_000 };
    expect(debounce(undefined, arrival(1), rule(5_000))).toEqual({ kind: 'held', newest, atMs: 6_000 });
  });

  it('holds a newer one from its own arrival on, in the place of who is still held', () => {
    const newest = { ...arrival(2), arrivedAtMs: 5_999, superseded: 'ex_1' };
    expect(debounce(first, arrival(2), rule(5_999))).toEqual({ kind: 'held', newest, atMs: 6_999 });
  });

  it('leaves who was held for the whole delay alone', () => {
    const newest = { ...arrival(2), arrivedAtMs: 6_000 };
    expect(debounce(first, arrival(2), rule(6_000))).toEqual({ kind: 'held', newest, atMs: 7_000 });
  });

  it('says the same to who asks again, whenever', () => {
    expect(debounce(first, arrival(1), rule(9_000))).toEqual({ kind: 'held', newest: first, atMs: 6_000 });
  });

  it('turns away an older one that comes later', () => {
    expect(debounce(first, arrival(0), rule(5_500))).toEqual({ kind: 'superseded', by: 'ex_1' });
  });

  it('orders by id what was created in one millisecond', () => {
    expect(debounce(first, arrival(1, 'ex_0'), rule(5_500))).toEqual({ kind: 'superseded', by: 'ex_1' });
    expect(debounce(first, arrival(1, 'ex_2'), rule(5_500))).toMatchObject({ kind: 'held', atMs: 6_500 });
  });

  it('goes on when the clock is behind the one that wrote last', () => {
    expect(debounce(first, arrival(2), rule(1_000))).toMatchObject({
      kind: 'held',
      newest: { superseded: 'ex_1' },
      atMs: 2_000,
    });
  });
});

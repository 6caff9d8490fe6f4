import { RateGate } from './rate-gate.ts';

describe('RateGate', () => {
  let nowMs = 0;
  const clock = { nowMs: () => nowMs };
  const passedAt = (gate: RateGate, untilMs: number) => {
    const times: number[] = [];
    for (; nowMs < untilMs; nowMs++) {
      while (gate.waitMs() === 0) {
        gate.pass();
        times.push(nowMs);
      }
    }
    return times;
  };
  beforeEach(() => (nowMs = 0));

  it('lets pass at even distances', () => {
    expect(passedAt(new RateGate(4, clock), 1_001)).toEqual([0, 250, 500, 750, 1_000]);
  });

  it('keeps the rate where the distance is no whole number of milliseconds', () => {
    expect(passedAt(new RateGate(300, clock), 1_000)).toHaveLength(300);
    nowMs = 0;
    expect(new Set(passedAt(new RateGate(300, clock), 1_000)).size).toBe(300);
  });

  it('saves nothing up during a pause', () => {
    const gate = new RateGate(10, clock);
    gate.pass();
    nowMs = 60_000;
    expect(passedAt(gate, 60_101)).toEqual([60_000, 60_100]);
  });

  it('makes up for timers that come late', () => {
    const gate = new RateGate(10, clock);
    gate.pass();
    nowMs = 115;
    expect(gate.waitMs()).toBe(0);
    gate.pass();
    expect(gate.waitMs()).toBe(85);
  });

  it('waits no longer than one distance when the clock is set back', () => {
    nowMs = 1_000_000;
    const gate = new RateGate(10, clock);
    gate.pass();
    nowMs = 0;
    expect(gate.waitMs()).toBe(100);
  });

  it('lets all pass without a rate', () => {
    const gate = new RateGate(undefined, clock);
    gate.pass();
    expect(gate.waitMs()).toBe(0);
  });
});

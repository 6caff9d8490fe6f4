import fc from 'fast-check';
import { CallWindows, TOLD_ONE_BY_ONE, WINDOW_MS, type CountedCalls, type LedgerCall } from './call-windows.ts';

const call = (changes: Partial<LedgerCall> = {}): LedgerCall => ({
  webhookId: 'wh_1',
  workspaceId: 'ws_1',
  at: '2026-11-28T10:00:00.000Z',
  outcome: 'refused',
  status: 401,
  reason: 'SIGNATURE_MISSING',
  method: 'POST',
  ip: '192.0.2.1',
  ...changes,
});

describe('a flood of calls', () => {
  let told: CountedCalls[];
  let windows: CallWindows;
  beforeEach(() => {
    told = [];
    windows = new CallWindows((calls) => told.push(calls));
  });
  const flood = (count: number, nowMs: number, changes: Partial<LedgerCall> = {}): boolean[] =>
    Array.from({ length: count }, () => windows.take(call(changes), nowMs));

  it('is told one by one up to the bound, and counted beyond it', () => {
    expect(flood(TOLD_ONE_BY_ONE + 2, 0).filter((alone) => alone)).toHaveLength(TOLD_ONE_BY_ONE);
    expect(windows.isCounting).toBe(true);
    windows.endBefore(WINDOW_MS - 1);
    expect(told).toEqual([]);
    windows.endBefore(WINDOW_MS);
    expect(told).toEqual([{ ...call({ method: null, ip: null }), calls: 2 }]);
    expect(windows.isCounting).toBe(false);
  });

  it('is counted by what it was answered', () => {
    flood(TOLD_ONE_BY_ONE, 0);
    flood(3, 1, { status: 429, reason: 'TOO_MANY_CALLS', at: '2026-11-28T10:00:01.000Z' });
    flood(1, 2);
    windows.endAll();
    expect(told).toEqual([
      {
        ...call({ status: 429, reason: 'TOO_MANY_CALLS', at: '2026-11-28T10:00:01.000Z', method: null, ip: null }),
        calls: 3,
      },
      { ...call(), calls: 1 },
    ]);
  });

  it('is counted apart where an answer was meant differently', () => {
    flood(TOLD_ONE_BY_ONE, 0);
    flood(1, 1, { outcome: 'answered' });
    flood(1, 1, { outcome: 'refused' });
    windows.endAll();
    expect(told.map(({ outcome, calls }) => [outcome, calls])).toEqual([
      ['answered', 1],
      ['refused', 1],
    ]);
  });

  it('is told one by one again in the next window, after what was counted in the last', () => {
    flood(TOLD_ONE_BY_ONE + 1, 0);
    expect(flood(1, WINDOW_MS)).toEqual([true]);
    expect(told).toHaveLength(1);
  });

  it('of one webhook leaves the others alone', () => {
    flood(TOLD_ONE_BY_ONE + 1, 0);
    expect(windows.take(call({ webhookId: 'wh_2' }), 0)).toBe(true);
  });

  it('is told of a webhook that is forgotten for the sake of others', () => {
    windows = new CallWindows((calls) => told.push(calls), { maxWindows: 2 });
    flood(TOLD_ONE_BY_ONE + 5, 0);
    for (const webhookId of ['wh_2', 'wh_3']) windows.take(call({ webhookId }), 0);
    expect(told.map(({ webhookId, calls }) => [webhookId, calls])).toEqual([['wh_1', 5]]);
    expect(windows.isCounting).toBe(false);
  });

  it('loses no call, whenever calls come', () => {
    const step = fc.record({ webhook: fc.nat(3), status: fc.constantFrom(401, 405, 429), afterMs: fc.nat(3_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        let [nowMs, alone, counted] = [0, 0, 0];
        const bounded = new CallWindows(({ calls }) => (counted += calls), { maxWindows: 2 });
        for (const { webhook, status, afterMs } of steps) {
          nowMs += afterMs / 20;
          if (bounded.take(call({ webhookId: `wh_${webhook}`, status }), nowMs)) alone++;
        }
        bounded.endAll();
        expect(alone + counted).toBe(steps.length);
      }),
    );
  });
});

import fc from 'fast-check';
import { RunLoad } from './run-load.ts';

describe('the load of a process', () => {
  it('counts attempts as busy until they end, and as young for 50 ms', () => {
    let now = 0;
    const load = new RunLoad(() => now);
    const end = load.began();
    expect([load.busy, load.young]).toEqual([1, 1]);
    now = 49;
    expect(load.young).toBe(1);
    now = 50;
    expect([load.busy, load.young]).toEqual([1, 0]);
    end();
    expect([load.busy, load.young]).toEqual([0, 0]);
  });

  it('is what a count of all attempts says, whatever their order', () => {
    const step = fc.oneof(
      fc.constant({ kind: 'begin' as const }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(40) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        let now = 0;
        const load = new RunLoad(() => now);
        let running: { at: number; end: () => void }[] = [];
        for (const one of steps) {
          if (one.kind === 'begin') running.push({ at: now, end: load.began() });
          if (one.kind === 'pass') now += one.ms;
          const ending = one.kind === 'end' ? running[one.which % Math.max(1, running.length)] : undefined;
          ending?.end();
          running = running.filter((other) => other !== ending);
          expect(load.busy).toBe(running.length);
          expect(load.young).toBe(running.filter(({ at }) => now - at < 50).length);
        }
      }),
    );
  });
});

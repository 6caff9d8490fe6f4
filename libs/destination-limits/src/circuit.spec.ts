import fc from 'fast-check';
import { evolveCircuit, initialCircuit, type Circuit, type CircuitEvent } from './circuit.ts';
import { decidePassage, statusOf, worthKnowingMs } from './passage.ts';
import { CIRCUIT_RULES, coolDownMs } from './rules.ts';
import { storedCircuit } from './stored-circuit.ts';
import { slotAt } from './window.ts';

const T0 = Date.UTC(2026, 10, 23, 10);
const { probeLeaseMs, clockSkewMs, longestPauseMs, forgottenAfterMs, minCalls } = CIRCUIT_RULES;
const WINDOW_MS = CIRCUIT_RULES.slotMs * CIRCUIT_RULES.slots;

type Happened = readonly [afterMs: number, event: CircuitEvent];

const calls = (ok: number, failed: number, afterMs = 0): Happened => [
  afterMs,
  { type: 'CallsEnded', calls: [{ slot: slotAt(T0 + afterMs), ok, failed }] },
];
const probe = (id: string, afterMs: number): Happened => [afterMs, { type: 'ProbeStarted', id }];
const ended = (id: string, outcome: 'ok' | 'failed' | 'ignored', afterMs: number): Happened => [
  afterMs,
  { type: 'ProbeEnded', id, outcome },
];
const pause = (forMs: number, afterMs = 0): Happened => [afterMs, { type: 'PauseAsked', forMs }];

const given = (...happened: readonly Happened[]) => after(initialCircuit(), happened);

function after(before: Circuit, happened: readonly Happened[]) {
  const circuit = happened.reduce((one, [afterMs, event]) => evolveCircuit(one, event, T0 + afterMs), before);
  return {
    circuit,
    when: (...[afterMs, event]: Happened) => after(circuit, [[afterMs, event]]),
    /** What who comes then finds; instants after T0. */
    passageAfter: (afterMs: number) => {
      const passage = decidePassage(circuit, T0 + afterMs);
      return passage.kind === 'barred' ? [passage.by, passage.untilMs - T0] : passage.kind;
    },
    statusAfter: (afterMs: number) => statusOf(circuit, T0 + afterMs),
  };
}

describe('a circuit', () => {
  const opened = given(calls(0, 10));

  it('that nothing is known of lets everybody pass', () => {
    expect(given().passageAfter(0)).toBe('free');
    expect(given().statusAfter(0)).toEqual({ state: 'closed', failures: 0, openedAtMs: null, retryAtMs: null });
  });

  it.each([
    ['too few calls', 0, minCalls - 1, 'free'],
    ['enough calls, all failed', 0, minCalls, ['circuit', 5_000]],
    ['half of them failed', 5, 5, ['circuit', 5_000]],
    ['just less than half of them failed', 6, 5, 'free'],
    ['all went well', 100, 0, 'free'],
  ])('opens after enough calls of which half failed: %s', (_name, ok, failed, passage) => {
    expect(given(calls(ok, failed)).passageAfter(0)).toEqual(passage);
  });

  it('counts what several workers saw within 30 s together', () => {
    expect(given(calls(0, 5), calls(0, 5, WINDOW_MS - 3_000)).circuit.breaker.state).toBe('open');
    expect(given(calls(0, 5), calls(0, 5, WINDOW_MS)).circuit.breaker.state).toBe('closed');
    expect(given(calls(20, 0), calls(0, 10, 3_000)).circuit.breaker.state).toBe('closed');
  });

  it('that is open says since when, why, and until when', () => {
    const status = { state: 'open', failures: 10, openedAtMs: T0, retryAtMs: T0 + 5_000 };
    expect(opened.statusAfter(0)).toEqual(status);
    expect(opened.statusAfter(60_000)).toEqual(status);
  });

  it('that is open does not count: what ends now began before', () => {
    expect(opened.when(...calls(50, 0, 1_000)).circuit).toBe(opened.circuit);
    expect(opened.when(...calls(0, 50, 1_000)).circuit).toBe(opened.circuit);
  });

  it('lets one probe pass after its cool-down', () => {
    expect(opened.passageAfter(4_999)).toEqual(['circuit', 5_000]);
    expect(opened.passageAfter(5_000)).toBe('probe');
    const probing = opened.when(...probe('p1', 5_000));
    expect(probing.passageAfter(5_000)).toEqual(['circuit', 7_000]);
    expect(probing.statusAfter(5_000)).toMatchObject({ state: 'halfOpen', openedAtMs: T0 });
    expect(probing.when(...probe('p2', 6_000)).circuit).toBe(probing.circuit);
    expect(opened.when(...probe('p1', 4_999)).circuit).toBe(opened.circuit);
  });

  it('closes when the probe succeeds, and has forgotten what failed', () => {
    const closed = opened.when(...probe('p1', 5_000)).when(...ended('p1', 'ok', 5_100));
    expect(closed.circuit).toEqual(initialCircuit());
  });

  it('opens for twice as long when the probe fails, up to five minutes', () => {
    let open = opened;
    const lengths: number[] = [];
    for (let nth = 1, atMs = 5_000; nth <= 8; nth++) {
      open = open.when(...probe(`p${nth}`, atMs)).when(...ended(`p${nth}`, 'failed', atMs));
      const untilMs = (open.statusAfter(atMs).retryAtMs ?? 0) - T0;
      lengths.push(untilMs - atMs);
      atMs = untilMs;
    }
    expect(lengths).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
    expect(open.statusAfter(0)).toMatchObject({ openedAtMs: T0 });
  });

  it('lets another probe pass at once when one ended without having asked', () => {
    const open = opened.when(...probe('p1', 5_000)).when(...ended('p1', 'ignored', 5_100));
    expect(open.circuit.breaker).toMatchObject({ state: 'open', openings: 1 });
    expect(open.passageAfter(5_100)).toBe('probe');
  });

  it('replaces a probe whose worker died', () => {
    const probing = opened.when(...probe('p1', 5_000));
    const leaseEnds = 5_000 + probeLeaseMs;
    expect(probing.passageAfter(leaseEnds - 1)).toEqual(['circuit', leaseEnds]);
    expect(probing.passageAfter(leaseEnds)).toBe('probe');
    const second = probing.when(...probe('p2', leaseEnds));
    expect(second.passageAfter(leaseEnds)).toEqual(['circuit', leaseEnds + 2_000]);
    expect(second.when(...ended('p1', 'failed', leaseEnds)).circuit).toBe(second.circuit);
    expect(second.when(...ended('p1', 'ignored', leaseEnds)).circuit).toBe(second.circuit);
    expect(second.when(...ended('p1', 'ok', leaseEnds)).circuit.breaker.state).toBe('closed');
  });

  it.each(['ok', 'failed', 'ignored'] as const)('that is closed does not care for a late probe: %s', (outcome) => {
    const closed = given(calls(0, 3));
    expect(closed.when(...ended('p1', outcome, 0)).circuit).toBe(closed.circuit);
    expect(closed.when(...probe('p1', 0)).circuit).toBe(closed.circuit);
  });

  it('lets everybody pass when it is reset', () => {
    expect(opened.when(1, { type: 'Reset' }).circuit).toEqual(initialCircuit());
  });
});

describe('a pause that was asked for', () => {
  it('holds back everybody until its instant', () => {
    const paused = given(pause(7_000));
    expect(paused.passageAfter(6_999)).toEqual(['rateLimit', 7_000]);
    expect(paused.passageAfter(7_000)).toBe('free');
    expect(paused.statusAfter(0)).toMatchObject({ state: 'closed', retryAtMs: T0 + 7_000 });
    expect(paused.statusAfter(7_000)).toMatchObject({ retryAtMs: null });
  });

  it('is the later of two', () => {
    expect(given(pause(7_000), pause(1_000, 1_000)).passageAfter(2_000)).toEqual(['rateLimit', 7_000]);
    expect(given(pause(1_000), pause(7_000)).passageAfter(2_000)).toEqual(['rateLimit', 7_000]);
  });

  it('is an hour at most', () => {
    expect(given(pause(longestPauseMs + 1)).passageAfter(0)).toEqual(['rateLimit', longestPauseMs]);
    expect(given(pause(-1)).passageAfter(0)).toBe('free');
  });

  it('is honoured by a circuit that is open, and stays when it closes', () => {
    const open = given(calls(0, 10), pause(60_000));
    expect(open.passageAfter(5_000)).toEqual(['circuit', 60_000]);
    expect(open.statusAfter(0)).toMatchObject({ state: 'open', retryAtMs: T0 + 60_000 });
    expect(open.when(...probe('p1', 5_000)).circuit).toBe(open.circuit);
    const closed = given(calls(0, 10), probe('p1', 5_000), pause(60_000, 5_000), ended('p1', 'ok', 5_000));
    expect(closed.passageAfter(5_000)).toEqual(['rateLimit', 65_000]);
  });
});

describe('a clock that was wrong', () => {
  it.each<[string, readonly Happened[], number]>([
    ['a cool-down', [calls(0, 10)], 0],
    ['a lease', [calls(0, 10), probe('p1', 5_000)], 5_000],
    ['a pause', [pause(longestPauseMs)], 0],
  ])('binds nobody: %s', (_name, happened, saidAfterMs) => {
    const said = given(...happened);
    expect(said.passageAfter(saidAfterMs - clockSkewMs)).toEqual(expect.any(Array));
    expect(said.passageAfter(saidAfterMs - clockSkewMs - 1)).not.toEqual(expect.any(Array));
    expect(worthKnowingMs(said.circuit, T0 + saidAfterMs - clockSkewMs - WINDOW_MS)).toBe(0);
  });

  it('does not spoil the window', () => {
    const ahead = given(calls(0, 9, 3_600_000));
    expect(ahead.when(...calls(0, 1)).circuit.window).toEqual([{ slot: slotAt(T0), ok: 0, failed: 1 }]);
  });
});

describe('what there is to know', () => {
  it.each<[string, readonly Happened[], number]>([
    ['nothing', [], 0],
    ['successes', [calls(5, 0)], 0],
    ['a failure, as long as it counts', [calls(0, 1)], WINDOW_MS],
    ['a pause', [pause(90_000)], 90_000],
    ['an open circuit, ten minutes longer than it holds back', [calls(0, 10)], 5_000 + forgottenAfterMs],
    ['a probe', [calls(0, 10), probe('p', 5_000)], 5_000 + probeLeaseMs + forgottenAfterMs],
  ])('is known for so long: %s', (_name, happened, ms) => {
    const { circuit } = given(...happened);
    expect(worthKnowingMs(circuit, T0)).toBe(ms);
    expect(worthKnowingMs(circuit, T0 + ms)).toBe(0);
  });
});

describe('whatever happens, in whichever order and with whichever clocks', () => {
  const id = fc.constantFrom('a', 'b', 'c');
  const count = fc.nat({ max: 20 });
  const event: fc.Arbitrary<(nowMs: number) => CircuitEvent> = fc.oneof(
    fc.tuple(count, count).map(([ok, failed]) => (nowMs: number): CircuitEvent => ({
      type: 'CallsEnded',
      calls: [{ slot: slotAt(nowMs), ok, failed }],
    })),
    fc
      .integer({ min: -1, max: 2 * longestPauseMs })
      .map((forMs) => (): CircuitEvent => ({ type: 'PauseAsked', forMs })),
    id.map((probeId) => (): CircuitEvent => ({ type: 'ProbeStarted', id: probeId })),
    fc
      .tuple(id, fc.constantFrom('ok' as const, 'failed' as const, 'ignored' as const))
      .map(([probeId, outcome]) => (): CircuitEvent => ({ type: 'ProbeEnded', id: probeId, outcome })),
    fc.constant((): CircuitEvent => ({ type: 'Reset' })),
  );
  /** Steps of the clock are seconds, and back as often as not small. */
  const story = fc.array(fc.tuple(fc.integer({ min: -100_000, max: 400_000 }), event), { maxLength: 40 });

  function tell(steps: readonly (readonly [number, (nowMs: number) => CircuitEvent])[]) {
    let nowMs = T0;
    let circuit = initialCircuit();
    return steps.map(([stepMs, make]) => {
      nowMs = Math.max(nowMs + stepMs, 0);
      const before = circuit;
      const happened = make(nowMs);
      circuit = evolveCircuit(before, happened, nowMs);
      return { before, happened, circuit, nowMs };
    });
  }

  it('an open circuit says when an attempt may pass, and no count is negative', () => {
    fc.assert(
      fc.property(story, (steps) => {
        for (const { circuit, nowMs } of tell(steps)) {
          const { state, failures, retryAtMs, openedAtMs } = statusOf(circuit, nowMs);
          expect(failures).toBeGreaterThanOrEqual(0);
          if (state !== 'closed') expect([retryAtMs, openedAtMs]).toEqual([expect.any(Number), expect.any(Number)]);
        }
      }),
    );
  });

  it('one probe at a time: while one has its lease, nobody else becomes one', () => {
    fc.assert(
      fc.property(story, (steps) => {
        for (const { before, happened, circuit, nowMs } of tell(steps)) {
          if (happened.type !== 'ProbeStarted' || circuit === before) continue;
          expect(decidePassage(before, nowMs)).toEqual({ kind: 'probe' });
          expect(decidePassage(circuit, nowMs)).toMatchObject({ kind: 'barred', by: 'circuit' });
        }
      }),
    );
  });

  it('nobody is held back for longer than a rule says, whatever the clock was', () => {
    const longestMs = Math.max(longestPauseMs, CIRCUIT_RULES.longestCoolDownMs) + clockSkewMs;
    fc.assert(
      fc.property(story, fc.integer({ min: -1e9, max: 1e9 }), (steps, jumpMs) => {
        const last = tell(steps).at(-1);
        if (!last) return;
        const nowMs = Math.max(last.nowMs + jumpMs, 0);
        const passage = decidePassage(last.circuit, nowMs);
        if (passage.kind !== 'barred') return;
        expect(passage.untilMs).toBeGreaterThan(nowMs);
        expect(passage.untilMs - nowMs).toBeLessThanOrEqual(longestMs);
      }),
    );
  });

  it('is stored and read as it is', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const circuit = tell(steps).at(-1)?.circuit ?? initialCircuit();
        const stored = { workspaceId: 'ws_1', key: 'a:1', circuit };
        expect(storedCircuit.parse(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
      }),
    );
  });
});

describe('the cool-down', () => {
  it('never falls and never exceeds five minutes', () => {
    const lengths = Array.from({ length: 50 }, (_, index) => coolDownMs(index + 1));
    expect(lengths).toEqual(lengths.toSorted((one, other) => one - other));
    expect(lengths.at(-1)).toBe(300_000);
  });
});

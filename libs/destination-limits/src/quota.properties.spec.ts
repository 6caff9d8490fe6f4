import fc from 'fast-check';
import { learnQuota, reportOf } from './learn-quota.ts';
import type { QuotaState, QuotaTerms } from './quota.ts';
import { quotaMarginMs } from './quota-rules.ts';
import { takePermits, type Permits } from './take-permits.ts';

const T0 = Date.UTC(2026, 10, 23, 10);

/** A service that counts in windows of its own: the next one begins with the first call after the one before. */
class Service {
  refused = 0;
  #used = 0;
  #endsAtMs = 0;

  constructor(
    readonly limit: number,
    readonly perMs: number,
  ) {}

  call(nowMs: number) {
    if (nowMs >= this.#endsAtMs) {
      this.#used = 0;
      this.#endsAtMs = nowMs + this.perMs;
    }
    if (this.#used >= this.limit) this.refused++;
    else this.#used++;
    return { limit: this.limit, remaining: this.limit - this.#used, resetInMs: this.#endsAtMs - nowMs };
  }
}

type Answer = ReturnType<Service['call']> & { readonly windowMs: number; readonly enteredAtMs: number };

/** Processes that share a quota, each with what it took ahead, and a network between them and the service. */
class World {
  nowMs = T0;
  state: QuotaState | undefined;
  readonly spentAtMs: number[] = [];
  readonly purses: (Permits & { left: number })[] = [];
  readonly under: { readonly arrivesAtMs: number; readonly windowMs: number; readonly enteredAtMs: number }[] = [];
  readonly answers: Answer[] = [];

  constructor(
    readonly terms: QuotaTerms,
    readonly service: Service,
  ) {}

  /** A process has attempts to make: with what it has, else with what it is given. */
  want(process: number, waiting: number, { ahead, latencyMs }: { ahead: number; latencyMs: number }): number {
    const purse = this.purses[process];
    const kept = purse && this.nowMs < purse.untilMs ? Math.min(waiting, purse.left) : 0;
    if (purse && kept > 0) {
      purse.left -= kept;
      this.#spend(kept, purse.windowMs, latencyMs);
    }
    if (kept === waiting) return kept;
    const wanted = { waiting: waiting - kept, ahead, placesAhead: 0 };
    const { state, permits } = takePermits(this.state, this.terms, wanted, this.nowMs);
    this.state = state;
    const spent = Math.min(permits.count, wanted.waiting);
    this.#spend(spent, permits.windowMs, latencyMs);
    this.purses[process] = { ...permits, left: permits.count - spent };
    return kept + spent;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const call of this.under.splice(0)) {
      if (call.arrivesAtMs > this.nowMs) this.under.push(call);
      else this.answers.push({ ...this.service.call(call.arrivesAtMs), ...call });
    }
  }

  /** An answer comes, perhaps long after it was given, and before others that were given earlier. */
  hear(nth: number): void {
    const [answer] = this.answers.splice(nth % Math.max(1, this.answers.length), 1);
    if (!answer) return;
    const report = reportOf({ kind: 'limited', ...answer }, { ...answer, answeredAtMs: this.nowMs });
    if (report) this.state = learnQuota(this.state, this.terms, report, this.nowMs);
  }

  #spend(count: number, windowMs: number, latencyMs: number): void {
    for (let nth = 0; nth < count; nth++) {
      this.spentAtMs.push(this.nowMs);
      this.under.push({ arrivesAtMs: this.nowMs + latencyMs, windowMs, enteredAtMs: this.nowMs });
    }
    this.under.sort((one, other) => one.arrivesAtMs - other.arrivesAtMs);
  }
}

const PER_MS = 60_000;
const step = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('want'), fc.nat({ max: 3 }), fc.nat({ max: 40 })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('hear'), fc.nat({ max: 100 }), fc.constant(0)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('pass'), fc.nat({ max: 2_000 }), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('pass'), fc.nat({ max: 70_000 }), fc.constant(0)) },
);
const steps = fc.array(step, { maxLength: 200, size: 'max' });

function play(world: World, script: readonly (readonly [string, number, number])[], latencies: readonly number[]) {
  for (const [index, [act, what, count]] of script.entries()) {
    const latencyMs = latencies[index % latencies.length] ?? 0;
    if (act === 'want') world.want(what, count, { ahead: count, latencyMs });
    else if (act === 'hear') world.hear(what);
    else world.pass(what);
  }
}

describe('permits that several processes take', () => {
  const latencies = fc.array(fc.nat({ max: quotaMarginMs(PER_MS) - 1 }), { minLength: 1, maxLength: 20 });
  const limit = fc.integer({ min: 2, max: 300 });

  it('are never refused by a service that tells of its windows, however late answers come', () => {
    fc.assert(
      fc.property(steps, latencies, limit, limit, (script, delays, assumed, real) => {
        const service = new Service(real, PER_MS);
        // What is assumed may be wrong: then only the calls before the first answer may be too many.
        const world = new World({ limit: Math.min(assumed, real), perMs: PER_MS, learns: true }, service);
        play(world, script, delays);
        world.pass(PER_MS);
        expect(service.refused).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('are never more than the limit within any window, when nobody tells', () => {
    fc.assert(
      fc.property(steps, limit, (script, declared) => {
        const world = new World({ limit: declared, perMs: PER_MS, learns: false }, new Service(declared, PER_MS));
        play(world, script, [0]);
        const spansMs = world.spentAtMs.slice(declared).map((ms, nth) => ms - (world.spentAtMs[nth] ?? 0));
        expect(Math.min(...spansMs)).toBeGreaterThan(PER_MS);
      }),
      { numRuns: 200 },
    );
  });

  it('are not more than an answer said are left, though others use the same account', () => {
    const terms = { limit: 100, perMs: PER_MS, learns: true };
    const said = fc.record({
      waiting: fc.nat({ max: 40 }),
      remaining: fc.nat({ max: 300 }),
      afterMs: fc.nat({ max: 500 }),
    });
    fc.assert(
      fc.property(fc.array(said, { minLength: 2, maxLength: 100 }), (answers) => {
        let nowMs = T0;
        let state: QuotaState | undefined = takePermits(
          undefined,
          terms,
          { waiting: 1, ahead: 0, placesAhead: 0 },
          T0,
        ).state;
        let left = Infinity;
        for (const { waiting, remaining, afterMs } of answers) {
          nowMs += afterMs;
          const call = { windowMs: T0, enteredAtMs: nowMs, answeredAtMs: nowMs };
          const report = reportOf({ kind: 'limited', limit: 300, remaining, resetInMs: PER_MS }, call);
          state = learnQuota(state, terms, report!, nowMs);
          left = Math.min(left, remaining);
          const taken = takePermits(state, terms, { waiting, ahead: waiting, placesAhead: 0 }, nowMs);
          state = taken.state;
          left -= taken.permits.count;
          expect(left).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('come again: whoever comes at its place gets one, or a later place, until all have', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        (max, many, learns) => {
          const terms = { limit: max, perMs: PER_MS, learns };
          const service = new Service(max, PER_MS);
          let state: QuotaState | undefined;
          const due = Array.from({ length: many }, () => T0);
          let putBack = 0;
          while (due.length > 0 && putBack < 20 * many) {
            due.sort((one, other) => one - other);
            const nowMs = due.shift() ?? T0;
            const taken = takePermits(state, terms, { waiting: 1, ahead: 0, placesAhead: 0 }, nowMs);
            state = taken.state;
            const { windowMs, count } = taken.permits;
            if (count === 1) {
              const call = { windowMs, enteredAtMs: nowMs, answeredAtMs: nowMs };
              const report = reportOf({ kind: 'limited', ...service.call(nowMs) }, call);
              if (learns && report) state = learnQuota(state, terms, report, nowMs);
            } else {
              due.push(...taken.places);
              putBack++;
            }
          }
          expect([due.length, service.refused]).toEqual([0, 0]);
          // At its place in the line each gets one: nobody is put back over and over.
          expect(putBack).toBeLessThanOrEqual(2 * many);
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { NO_GRANTS, storedGrants, throttle, type Grants, type ThrottleRule } from './throttle.ts';

/** The instants given to executions that ask at the given ones, and what is kept at the end. */
function ask(rule: ThrottleRule, instants: readonly number[]): { given: number[]; grants: Grants } {
  let grants = NO_GRANTS;
  const given = instants.map((nowMs, index) => {
    const answer = throttle(grants, `ex_${index}`, { ...rule, nowMs });
    grants = answer.grants;
    return answer.atMs;
  });
  return { given, grants };
}

const rules = fc.record({ limit: fc.integer({ min: 1, max: 50 }), perMs: fc.integer({ min: 1, max: 2_000 }) });
const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -50, max: 3_000 })), { maxLength: 200 });
const instantsOf = (steps: readonly number[]): number[] => {
  let at = 1_000_000;
  return steps.map((step) => (at += step));
};

describe('throttle', () => {
  it('lets the limit begin at once, and the rest when the window has moved on', () => {
    expect(ask({ limit: 2, perMs: 300 }, [0, 0, 0, 0, 0]).given).toEqual([0, 0, 300, 300, 600]);
  });

  it('counts those that began before', () => {
    expect(ask({ limit: 2, perMs: 300 }, [0, 200, 250, 310]).given).toEqual([0, 200, 300, 500]);
  });

  it('holds nobody back once the window is over', () => {
    expect(ask({ limit: 1, perMs: 300 }, [0, 299, 900]).given).toEqual([0, 300, 900]);
  });

  it('says the same to who asks again, and counts it once', () => {
    const rule = { limit: 1, perMs: 300 };
    const first = throttle(NO_GRANTS, 'a', { ...rule, nowMs: 0 });
    const second = throttle(first.grants, 'b', { ...rule, nowMs: 0 });
    expect(throttle(second.grants, 'b', { ...rule, nowMs: 100 })).toEqual({ atMs: 300, grants: second.grants });
    expect(throttle(second.grants, 'c', { ...rule, nowMs: 100 }).atMs).toBe(600);
  });

  it('remembers 64 by name', () => {
    const { grants } = ask(
      { limit: 1_000, perMs: 300 },
      Array.from({ length: 65 }, () => 0),
    );
    expect(grants.latest).toHaveLength(64);
    expect(grants.latest[0]?.executionId).toBe('ex_1');
  });

  it('never has more than the limit in any window, never goes back, never begins early', () => {
    fc.assert(
      fc.property(rules, gaps, (rule, steps) => {
        const instants = instantsOf(steps);
        const { given } = ask(rule, instants);
        expect(given).toEqual(given.toSorted((one, other) => one - other));
        expect(given.filter((at, index) => at < instants[index]!)).toEqual([]);
        // In order, so a window with one too many has one that is `limit` places after its first.
        expect(given.filter((at, index) => at < (given[index - rule.limit] ?? -Infinity) + rule.perMs)).toEqual([]);
      }),
    );
  });

  it('takes from nobody more than one part in a hundred of the window', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 1, max: 300 }), (rule, count) => {
        const { given } = ask(
          rule,
          Array.from({ length: count }, () => 0),
        );
        const window = rule.perMs + Math.ceil(rule.perMs / 100);
        expect(given.filter((at, index) => at > Math.floor(index / rule.limit) * window)).toEqual([]);
      }),
    );
  });

  it('keeps as little for the highest limit and a long line as for a short one', () => {
    const rule = { limit: 10_000, perMs: 60_000 };
    const { grants } = ask(
      rule,
      Array.from({ length: 20_000 }, (_, index) => index * 3),
    );
    expect(storedGrants.parse(JSON.parse(JSON.stringify(grants)))).toEqual(grants);
    expect(grants.beginnings.length).toBeLessThanOrEqual(202);
    expect(JSON.stringify(grants).length).toBeLessThan(16_000);
  });
});

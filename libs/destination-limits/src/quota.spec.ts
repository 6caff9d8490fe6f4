import { learnQuota, mergeReports, reportOf, type QuotaReport } from './learn-quota.ts';
import { quotaNow, type QuotaState, type QuotaTerms } from './quota.ts';
import { QUOTA_RULES, trialMs } from './quota-rules.ts';
import { quotaStatusOf, quotaWorthKnowingMs } from './quota-status.ts';
import { storedQuota } from './stored-quota.ts';
import { takePermits, type Taken } from './take-permits.ts';

const T0 = Date.UTC(2026, 10, 23, 10);
const HOUR = 3_600_000;
const SERVICE: QuotaTerms = { limit: 5_000, perMs: HOUR, learns: true };
const METHOD: QuotaTerms = { limit: 20, perMs: 60_000, learns: false };

/** A quota that one worker asks for, step by step. Instants are after T0. */
class Asked {
  state: QuotaState | undefined;

  constructor(readonly terms: QuotaTerms) {}

  take(waiting: number, atMs = 0, more: { ahead?: number; placesAhead?: number } = {}): Taken {
    const taken = takePermits(this.state, this.terms, { waiting, ahead: 0, placesAhead: 0, ...more }, T0 + atMs);
    this.state = taken.state;
    return taken;
  }

  granted(waiting: number, atMs = 0, ahead = 0): number {
    return this.take(waiting, atMs, { ahead }).permits.count;
  }

  places(waiting: number, atMs = 0): readonly number[] {
    return this.take(waiting, atMs).places.map((place) => place - T0);
  }

  learn(remaining: number, resetInMs: number, { atMs = 0, limit = this.terms.limit, windowMs = 0 } = {}): this {
    const call = { windowMs: T0 + windowMs, enteredAtMs: T0 + atMs, answeredAtMs: T0 + atMs };
    const report = reportOf({ kind: 'limited', limit, remaining, resetInMs }, call);
    if (report) this.state = learnQuota(this.state, this.terms, report, T0 + atMs);
    return this;
  }

  learnUnlimited(atMs = 0): this {
    this.state = learnQuota(this.state, this.terms, { kind: 'unlimited' }, T0 + atMs);
    return this;
  }

  left(atMs = 0): number | null {
    return this.state ? quotaStatusOf(this.state, this.terms, T0 + atMs).left : null;
  }
}

describe('a quota that answers tell of', () => {
  it('lets the first ten go, and no more until one has told', () => {
    const quota = new Asked(SERVICE);
    expect(quota.granted(30)).toBe(10);
    expect(quota.granted(1, 13_000)).toBe(0);
    quota.learn(4_800, HOUR, { atMs: 13_000 });
    // Of the nine others it is not known whether the answer counted them.
    expect(quota.left(13_000)).toBe(4_791);
    expect(quota.granted(30, 13_000)).toBe(30);
  });

  it('sends who comes meanwhile away for a moment only, and not into a line', () => {
    const quota = new Asked(SERVICE);
    expect(quota.places(13)).toEqual([1_000, 1_005, 1_010]);
    expect(quota.state?.line).toBeUndefined();
  });

  it('lets as many go again when the first were lost, never faster than what is assumed', () => {
    const quota = new Asked(SERVICE);
    quota.take(10);
    expect(quota.granted(10, trialMs(5_000, HOUR) - 1)).toBe(0);
    expect(quota.granted(30, trialMs(5_000, HOUR))).toBe(10);
    const small = new Asked({ limit: 5, perMs: HOUR, learns: true });
    let granted = 0;
    for (let atMs = 0; atMs < HOUR; atMs += 10_000) granted += small.granted(10, atMs);
    expect(granted).toBeLessThanOrEqual(5);
  });

  it('gives a process ahead of need no more than an eighth', () => {
    const quota = new Asked(SERVICE);
    quota.take(1);
    quota.learn(200, HOUR, { limit: 200 });
    expect(quota.granted(2, 0, 100)).toBe(2 + Math.floor((200 - 2) / 8));
    expect(quota.granted(1_000, 0)).toBe(200 - 26);
  });

  it('believes what the other side says when it is less', () => {
    const quota = new Asked(SERVICE);
    quota.take(1);
    quota.learn(4_999, HOUR).learn(3, HOUR);
    expect(quota.granted(10)).toBe(3);
  });

  it('gives nothing back for an answer that comes late', () => {
    const quota = new Asked(SERVICE);
    quota.take(2);
    quota
      .learn(10, HOUR)
      .learn(4_999, HOUR - 1_000)
      .learn(4_999, 2 * HOUR);
    expect(quota.left()).toBe(9);
  });

  it('does not hear of a window that is over in the next one', () => {
    const quota = new Asked(SERVICE);
    quota.take(1);
    quota.learn(0, 10_000);
    expect(quota.granted(1, 20_000)).toBe(1);
    quota.learn(0, 5_000, { atMs: 20_000 });
    expect(quota.left(20_000)).toBeNull();
    quota.learn(4_000, HOUR, { atMs: 20_000, windowMs: 20_000 }).learn(0, 5_000, { atMs: 20_000 });
    expect(quota.left(20_000)).toBe(4_000);
  });

  it('rests around the end of a window, as long as it is not known when that is', () => {
    const quota = new Asked(SERVICE);
    quota.take(1);
    const call = { windowMs: T0, enteredAtMs: T0, answeredAtMs: T0 + 5_000 };
    const report = reportOf({ kind: 'limited', limit: 5_000, remaining: 4_999, resetInMs: 60_000 }, call);
    quota.state = learnQuota(quota.state, SERVICE, report!, T0 + 5_000);
    expect(quota.take(1, 58_999).permits).toEqual({ count: 1, untilMs: T0 + 59_000, windowMs: T0 });
    expect([59_000, 65_999].map((atMs) => quota.granted(1, atMs))).toEqual([0, 0]);
    expect(quota.granted(1, 66_000 + 1_000)).toBe(1);
  });

  it('is free for a while when the other side has no limit', () => {
    const quota = new Asked(SERVICE);
    quota.take(1);
    quota.learnUnlimited();
    expect(quota.granted(10_000)).toBe(10_000);
    expect(quota.granted(10_000, QUOTA_RULES.unlimitedMs)).toBe(10);
    quota.learnUnlimited(QUOTA_RULES.unlimitedMs).learn(7, HOUR, { atMs: QUOTA_RULES.unlimitedMs });
    expect(quota.granted(10_000, QUOTA_RULES.unlimitedMs)).toBe(7);
  });

  it('that told a limit is not free because one answer knows none', () => {
    const quota = new Asked(SERVICE);
    quota.take(1);
    quota.learn(0, HOUR).learnUnlimited();
    expect(quota.granted(1)).toBe(0);
  });

  it('keeps the limit that was told for the next window', () => {
    const quota = new Asked(SERVICE);
    quota.take(1);
    quota.learn(0, 1_000, { limit: 60 });
    expect(quotaStatusOf(quota.state!, SERVICE, T0 + 5_000)).toMatchObject({ limit: 60, known: false });
  });

  it('takes no report of what are no numbers', () => {
    const call = { windowMs: 0, enteredAtMs: 0, answeredAtMs: 0 };
    for (const broken of [{ limit: NaN }, { remaining: Infinity }, { resetInMs: NaN }])
      expect(reportOf({ kind: 'limited', limit: 1, remaining: 1, resetInMs: 1, ...broken }, call)).toBeUndefined();
    expect(reportOf({ kind: 'limited', limit: 1, remaining: -3, resetInMs: 1e15 }, call)).toMatchObject({
      remaining: 0,
      endsToMs: QUOTA_RULES.longestWindowMs,
    });
  });

  it('makes one report of several', () => {
    const report = (remaining: number, windowMs: number, endsToMs = 100): QuotaReport => ({
      ...{ kind: 'limited', limit: 9, remaining, windowMs, endsFromMs: endsToMs - 50, endsToMs },
    });
    expect(mergeReports(report(5, 1), report(7, 1, 80))).toEqual({ ...report(5, 1), endsFromMs: 50, endsToMs: 80 });
    expect(mergeReports(report(5, 2), report(1, 1))).toEqual(report(5, 2));
    expect(mergeReports(report(1, 1), report(5, 2))).toEqual(report(5, 2));
    expect(mergeReports({ kind: 'unlimited' }, report(1, 1))).toEqual(report(1, 1));
    expect(mergeReports(report(1, 1), { kind: 'unlimited' })).toEqual(report(1, 1));
  });
});

describe('a quota that nobody tells of', () => {
  it('gives what is declared, and as much again when it does not count any more', () => {
    const quota = new Asked(METHOD);
    expect(quota.granted(50, 1_000)).toBe(20);
    expect(quota.granted(1, 65_999)).toBe(0);
    const line = quota.state?.line;
    expect(line?.nextMs).toBe(T0 + 66_000);
    expect(quota.granted(1, 66_000)).toBe(1);
  });

  it('follows what the node type says now', () => {
    const quota = new Asked(METHOD);
    quota.take(20);
    expect(
      takePermits(quota.state, { ...METHOD, limit: 25 }, { waiting: 9, ahead: 0, placesAhead: 0 }, T0).permits.count,
    ).toBe(5);
    expect(quotaNow(quota.state, SERVICE, T0).phase.kind).toBe('untold');
    expect(quotaNow(new Asked(SERVICE).take(1).state, METHOD, T0).phase.kind).toBe('counted');
  });
});

describe('who finds nothing left', () => {
  const exhausted = (): Asked => {
    const quota = new Asked({ limit: 3_600, perMs: HOUR, learns: true });
    quota.take(1);
    return quota.learn(0, 60_000, { limit: 3_600 });
  };

  it('gets a place in line after the end, as far behind the one before as the limit lets through', () => {
    const quota = exhausted();
    expect(quota.places(3)).toEqual([62_000, 63_000, 64_000]);
    expect(quota.places(2, 30_000)).toEqual([65_000, 66_000]);
    expect(quota.take(1).nothingUntilMs).toBe(T0 + 62_000);
  });

  it('and more places for those who will come', () => {
    const quota = exhausted();
    expect(quota.take(1, 0, { placesAhead: 4 }).places).toHaveLength(5);
    expect(quota.places(1)).toEqual([67_000]);
  });

  it('comes back to what it was promised, and who comes only then goes behind', () => {
    const quota = exhausted();
    expect(quota.places(10).at(-1)).toBe(71_000);
    expect(quota.granted(1, 62_000)).toBe(1);
    quota.learn(3_599, HOUR, { atMs: 62_000, limit: 3_600, windowMs: 62_000 });
    expect(quota.places(1, 62_000)).toEqual([72_000]);
    for (let atMs = 63_000; atMs <= 72_000; atMs += 1_000) expect(quota.granted(1, atMs)).toBe(1);
    expect(quota.granted(500, 73_000)).toBe(500);
  });

  it('gets the place of somebody who did not come', () => {
    const quota = exhausted();
    quota.take(10);
    expect(quota.granted(1, 62_000)).toBe(1);
    quota.learn(3_599, HOUR, { atMs: 62_000, limit: 3_600, windowMs: 62_000 });
    expect(quota.granted(9, 66_000)).toBe(4);
  });

  it('does not wait for a day longer than the window, whatever the line', () => {
    const quota = exhausted();
    const places = quota.take(100_000).places;
    expect(Math.max(...places) - T0).toBeLessThanOrEqual(62_000 + QUOTA_RULES.longestLineMs);
  });
});

describe('the state of a quota', () => {
  it('that a wrong clock wrote binds nobody', () => {
    const quota = new Asked(SERVICE);
    quota.take(10, 10 * HOUR);
    expect(quota.granted(10)).toBe(10);
    const counted = new Asked(METHOD);
    counted.take(40, 10 * HOUR);
    expect(counted.granted(20)).toBe(20);
    const lined = new Asked(METHOD);
    lined.take(40, 100 * HOUR);
    expect(lined.take(20).state.line).toBeUndefined();
  });

  it('is shown, and forgotten when there is nothing to know', () => {
    const quota = new Asked(METHOD);
    quota.take(22, 1_000);
    const state = quota.state!;
    expect(quotaStatusOf(state, METHOD, T0 + 1_000)).toEqual({
      ...{ limit: 20, left: 0, resetsAtMs: T0 + 66_000, known: true, waitsUntilMs: T0 + 66_000 + 2 * 3_300 },
    });
    expect(quotaWorthKnowingMs(state, METHOD, T0)).toBe(72_600);
    expect(quotaWorthKnowingMs(state, METHOD, T0 + 72_600)).toBe(0);
    expect(quotaStatusOf(state, METHOD, T0 + HOUR)).toMatchObject({ left: 20, resetsAtMs: null, waitsUntilMs: null });
    const free = new Asked(SERVICE).learnUnlimited();
    expect(quotaStatusOf(free.state!, SERVICE, T0)).toMatchObject({ limit: null, left: null, known: true });
  });

  it('is read as it was stored', () => {
    for (const quota of [new Asked(METHOD), new Asked(SERVICE), new Asked(SERVICE).learnUnlimited()]) {
      quota.take(30);
      const stored = { workspaceId: 'ws_1', key: 'cr_1@api', terms: quota.terms, state: quota.state! };
      expect(storedQuota.parse(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
    }
  });
});

import * as fc from 'fast-check';
import { toInstant } from '#libs/kernel';
import { afterStep, begun, type DoableStep, type StepOutcome } from './after-step.ts';
import type { HookEntry, HookIdentity } from './hook-entry.ts';
import { stateOf } from './hook-state.ts';
import { askedAgain, nextStep, withWanted } from './plan.ts';

const NOW = Date.UTC(2026, 10, 29, 10);
const EMPTY: HookEntry = { workspaceId: 'ws_1', workflowId: 'wf_1', webhookId: 'wh_1', nodeId: 'in', hooks: [] };
const A = hookTo('a');
const B = hookTo('b');
/** Another URL, same target. */
const ROTATED = { ...A, url: 'https://m.example.com/hooks/rotated' };

function hookTo(repository: string): HookIdentity {
  return { type: 'trigger.test', credentialId: 'cr_1', at: { repository }, url: 'https://m.example.com/hooks/token' };
}

function doableStep(entry: HookEntry, nowMs = NOW): DoableStep {
  const step = nextStep(entry, nowMs);
  if (step.kind === 'create' || step.kind === 'remove') return step;
  throw new Error(`nothing to do: ${JSON.stringify(step)}`);
}

function begin(entry: HookEntry, nowMs = NOW): HookEntry {
  return begun(entry, doableStep(entry, nowMs), { by: 'me', until: toInstant(nowMs + 90_000) });
}

function done(entry: HookEntry, outcome: StepOutcome, nowMs = NOW): HookEntry {
  const step = doableStep(entry, nowMs);
  const after = afterStep(begin(entry, nowMs), { by: 'me', step, outcome }, nowMs);
  if (!after) throw new Error('somebody else is at it');
  return after;
}

const created = (hookId: string, signedBy = 'key-1'): StepOutcome => ({ kind: 'created', hookId, signedBy });
const removed: StepOutcome = { kind: 'removed' };
const failed = (retryable: boolean, retryAfterMs?: number): StepOutcome => ({
  ...{ kind: 'failed', code: 'SERVICE_503', message: 'no', retryable },
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
const wanting = (entry: HookEntry, wanted?: HookIdentity, keyId = 'key-1'): HookEntry =>
  withWanted(entry, wanted, { nowMs: NOW, keyId });
const states = ({ hooks }: HookEntry) => hooks.map((hook) => [hook.at['repository'], stateOf(hook)]);

describe('the hooks of an endpoint', () => {
  const there = done(wanting(EMPTY, A), created('1'));

  it('are created when they are wanted, and left alone then', () => {
    expect(states(wanting(EMPTY, A))).toEqual([['a', 'pending']]);
    expect(doableStep(wanting(EMPTY, A))).toMatchObject({ kind: 'create', hook: A });
    expect(states(there)).toEqual([['a', 'registered']]);
    expect(nextStep(there, NOW)).toEqual({ kind: 'nothing' });
    expect(wanting(there, { ...A, at: { ...A.at } })).toBe(there);
  });

  it('are removed when they are not wanted any more, and it is seen that they were', () => {
    const unwanted = wanting(there);
    expect(states(unwanted)).toEqual([['a', 'removing']]);
    expect(doableStep(unwanted)).toMatchObject({ kind: 'remove', hook: { ...A, hookId: '1' } });
    const gone = done(unwanted, removed);
    expect(states(gone)).toEqual([['a', 'removed']]);
    expect(nextStep(gone, NOW)).toEqual({ kind: 'nothing' });
    expect(doableStep(wanting(gone, A))).toMatchObject({ kind: 'create', hook: A });
  });

  it('are forgotten when nothing was ever asked for', () => {
    expect(wanting(wanting(EMPTY, A)).hooks).toEqual([]);
    expect(wanting(EMPTY)).toBe(EMPTY);
    const refused = done(wanting(EMPTY, A), failed(false));
    expect(wanting(refused).hooks).toEqual([]);
  });

  it('get the secret of a new key where they are, and are not removed when that is refused', () => {
    const signed = wanting(there, A, 'key-2');
    expect(states(signed)).toEqual([['a', 'pending']]);
    expect(doableStep(signed)).toMatchObject({ kind: 'create', hook: A });
    const anew = done(signed, created('1', 'key-2'));
    expect(anew.hooks).toMatchObject([{ stage: 'there', hookId: '1', signedBy: 'key-2' }]);
    expect(wanting(anew, A, 'key-2')).toBe(anew);
    const refused = done(signed, failed(false));
    expect(states(refused)).toEqual([['a', 'failing']]);
    expect(nextStep(refused, NOW)).toEqual({ kind: 'nothing' });
  });

  it('are replaced: the new one first, the old one when the new one is there', () => {
    const rotated = wanting(there, ROTATED);
    expect(doableStep(rotated)).toMatchObject({ kind: 'create', hook: ROTATED });
    const waiting = done(rotated, failed(true));
    expect(nextStep(waiting, NOW)).toEqual({ kind: 'wait', untilMs: NOW + 5_000 });
    const both = done(rotated, created('2'));
    expect(doableStep(both)).toMatchObject({ kind: 'remove', hook: { url: A.url, hookId: '1' } });
  });

  it('are not kept for the sake of one that is refused', () => {
    expect(doableStep(done(wanting(there, B), failed(false)))).toMatchObject({ kind: 'remove', hook: A });
  });

  it('are the same one where the service found it for another target', () => {
    expect(states(done(wanting(there, B), created('1')))).toEqual([['b', 'registered']]);
    expect(states(done(wanting(there, B), created('2')))).toEqual([
      ['a', 'removing'],
      ['b', 'registered'],
    ]);
  });

  it('that nobody may know of are found before they are removed', () => {
    const unsure = begin(wanting(EMPTY, A));
    const lapsed = NOW + 90_000;
    expect(nextStep(unsure, lapsed - 1)).toEqual({ kind: 'busy' });
    expect(doableStep(unsure, lapsed)).toMatchObject({ kind: 'create', hook: A });
    const unwanted = withWanted(unsure, undefined, { nowMs: lapsed, keyId: 'key-1' });
    const found = done(unwanted, created('1'), lapsed);
    expect(doableStep(found, lapsed)).toMatchObject({ kind: 'remove', hook: { hookId: '1' } });
  });

  it('are made sure of when the same one was found only to be removed', () => {
    const unsure = wanting(begin(wanting(EMPTY, A)), B);
    const later = NOW + 90_000;
    const both = done(unsure, created('1'), later);
    const found = done(both, created('1'), later);
    expect(states(found)).toEqual([['b', 'pending']]);
    expect(states(done(found, created('1'), later))).toEqual([['b', 'registered']]);
  });

  it('that are wanted again while they are removed are made again', () => {
    const step = doableStep(wanting(there));
    const again = wanting(begin(wanting(there)), A);
    expect(nextStep(again, NOW)).toEqual({ kind: 'busy' });
    for (const outcome of [removed, failed(true), { kind: 'interrupted' } as const]) {
      const after = afterStep(again, { by: 'me', step, outcome }, NOW);
      expect(after && doableStep(after)).toMatchObject({ kind: 'create', hook: A });
    }
  });

  it('are not changed by who was too slow', () => {
    const step = doableStep(wanting(EMPTY, A));
    const taken = begun(wanting(EMPTY, A), step, { by: 'another one', until: toInstant(NOW) });
    expect(afterStep(taken, { by: 'me', step, outcome: created('1') }, NOW)).toBeUndefined();
  });
});

describe('a hook that fails', () => {
  it('is tried again later each time, up to an hour, and not before the service says', () => {
    let entry = wanting(EMPTY, A);
    let nowMs = NOW;
    const pauses = Array.from({ length: 12 }, () => {
      entry = done(entry, failed(true), nowMs);
      const step = nextStep(entry, nowMs);
      const pause = step.kind === 'wait' ? step.untilMs - nowMs : 0;
      nowMs += pause;
      return pause / 1_000;
    });
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
    const told = nextStep(done(wanting(EMPTY, A), failed(true, 7_200_000)), NOW);
    expect(told).toEqual({ kind: 'wait', untilMs: NOW + 7_200_000 });
  });

  it('for good is tried when the workflow is activated again, or when somebody asks', () => {
    const refused = done(wanting(EMPTY, A), failed(false));
    expect(refused.hooks).toMatchObject([{ failure: { code: 'SERVICE_503', againAt: null, attempts: 1 } }]);
    expect(nextStep(refused, NOW)).toEqual({ kind: 'nothing' });
    expect(doableStep(wanting(refused, A)).kind).toBe('create');
    expect(doableStep(askedAgain(refused)).kind).toBe('create');
    expect(doableStep(askedAgain(refused, 'cr_1')).kind).toBe('create');
    expect(askedAgain(refused, 'cr_2')).toBe(refused);
    expect(askedAgain(wanting(EMPTY, A))).toEqual(wanting(EMPTY, A));
  });

  it('is tried again at once when that was asked while it was tried', () => {
    const planned = wanting(EMPTY, A);
    const step = doableStep(planned);
    const asked = askedAgain(begin(planned), 'cr_1');
    expect(askedAgain(asked, 'cr_1')).toBe(asked);
    const after = afterStep(asked, { by: 'me', step, outcome: failed(false) }, NOW);
    expect(after && doableStep(after).kind).toBe('create');
  });

  it.each([
    [true, 72],
    [false, 5],
  ])('to be removed is given up some time (retryable: %s, after %i tries), with the reason', (retryable, tries) => {
    let entry = wanting(done(wanting(EMPTY, A), created('1')));
    let nowMs = NOW;
    let tried = 0;
    for (let step = nextStep(entry, nowMs); step.kind !== 'nothing'; step = nextStep(entry, nowMs)) {
      if (step.kind === 'wait') nowMs = step.untilMs;
      else {
        entry = done(entry, failed(retryable), nowMs);
        tried++;
      }
    }
    expect(tried).toBe(tries);
    expect(entry.hooks).toMatchObject([{ stage: 'gone', failure: { code: 'SERVICE_503', attempts: tries } }]);
  });
});

const wishes = ['want a', 'want b', 'rotate', 'want nothing', 'retry', 'new key'] as const;
const acts = [...wishes, 'work', 'die', 'slow', 'refuse'] as const;
type Act = (typeof acts)[number];

/** A service as HookRegistration wants it, and the entry of one endpoint. */
class Model {
  readonly #service = new Map<string, { readonly hookId: string; readonly signedBy: string }>();
  #keyId = 'key-1';
  #entry = EMPTY;
  #nowMs = NOW;
  #count = 0;
  #wanted: HookIdentity | undefined;

  do(act: Act): void {
    const wanted = { 'want a': A, 'want b': B, rotate: ROTATED }[act as string];
    if (wanted ?? act === 'want nothing') this.#want(wanted);
    else if (act === 'retry') this.#entry = askedAgain(this.#entry);
    else if (act === 'new key') this.#rotateKey();
    else this.#work(act);
  }

  /** Works until there is nothing left. */
  settle(): void {
    for (let rounds = 0; nextStep(this.#entry, this.#nowMs).kind !== 'nothing'; rounds++) {
      if (rounds > 50) throw new Error('it never ends');
      this.#work('work');
    }
  }

  get atService(): readonly string[] {
    return [...this.#service].map(([key, { signedBy }]) => `${key} ${signedBy}`);
  }

  get expected(): readonly string[] {
    return this.#wanted ? [`${keyOf(this.#wanted)} ${this.#keyId}`] : [];
  }

  /** Who has the new key looks at all hooks. */
  #rotateKey(): void {
    this.#keyId += "'";
    this.#want(this.#wanted);
  }

  #want(wanted: HookIdentity | undefined): void {
    this.#wanted = wanted;
    this.#entry = withWanted(this.#entry, wanted, { nowMs: this.#nowMs, keyId: this.#keyId });
  }

  #work(act: Act): void {
    const step = nextStep(this.#entry, this.#nowMs);
    if (step.kind === 'create' || step.kind === 'remove') this.#take(step, act);
    else if (step.kind === 'wait') this.#nowMs = step.untilMs;
    else if (step.kind === 'busy') this.#nowMs += 90_000;
  }

  #take(step: DoableStep, act: Act): void {
    const by = String(this.#count++);
    this.#entry = begun(this.#entry, step, { by, until: toInstant(this.#nowMs + 90_000) });
    const outcome = act === 'refuse' ? failed(true) : this.#serve(step);
    if (act === 'die') return;
    if (act === 'slow') this.#want(undefined);
    this.#entry = afterStep(this.#entry, { by, step, outcome }, this.#nowMs) ?? this.#entry;
  }

  #serve({ kind, hook }: DoableStep): StepOutcome {
    const key = keyOf(hook);
    if (kind === 'create') {
      const hookId = this.#service.get(key)?.hookId ?? String(this.#count++);
      this.#service.set(key, { hookId, signedBy: this.#keyId });
      return created(hookId, this.#keyId);
    }
    if (this.#service.get(key)?.hookId === hook.hookId) this.#service.delete(key);
    return removed;
  }
}

function keyOf({ url, at }: HookIdentity): string {
  return JSON.stringify([url, at]);
}

it('whatever is wanted, dies and fails in between: in the end the service has what is wanted, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...acts), { maxLength: 40 }), (history) => {
      const model = new Model();
      for (const act of history) model.do(act);
      model.settle();
      expect(model.atService).toEqual(model.expected);
    }),
    { numRuns: 2_000 },
  );
});

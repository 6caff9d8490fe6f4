import { LRUCache } from 'lru-cache';
import {
  learnQuota,
  quotaStatusOf,
  quotaWorthKnowingMs,
  reportOf,
  takePermits,
  type QuotaState,
  type QuotaStatus,
  type QuotaTerms,
  type Taken,
} from '#libs/destination-limits';
import type { Clock } from '#libs/kernel';
import type { Allowance, Quota } from '#libs/node-kit';
import { LONGEST_KEY, type Destination } from './circuit-bucket.ts';
import { Purse, type Asker, type Grant } from './purse.ts';
import type { QuotaBucket } from './quota-bucket.ts';

export interface QuotasObserver {
  /** So many calls were allowed to this process. */
  taken(permits: number): void;
  /** It is not known what is left; calls are made as if there was plenty. */
  unguarded(error: unknown): void;
}

/** An answer said what is left of a quota. */
export type Learn = (quotaKey: string, allowance: Allowance) => void;

/** A call after the first that takes from a quota. */
export type Spend = (quotaKey: string) => void;

/** One permit of each quota, or the name of one of which there is none. */
export type TakenQuotas =
  | { readonly kind: 'granted'; readonly giveBack: () => void; readonly learn: Learn; readonly spend: Spend }
  | { readonly kind: 'exhausted'; readonly key: string; readonly untilMs: number };

/** Quotas that are remembered; of more, those not asked for longest lose what this process took ahead of need. */
const MAX_QUOTAS = 10_000;
const MAX_CONFLICTS = 32;
/** When too many change a quota at once, whoever asks comes again after this long. */
const CONTENDED_MS = 1_000;
/** Clocks differ, so nothing goes at the very moment when it is over. */
const KEPT_AT_LEAST_SECONDS = 60;
/** Of a call that was let in unseen; no window is called so. */
const UNGUARDED_WINDOW = -1;

type Answer =
  { readonly kind: 'granted'; readonly grant: Grant } | { readonly kind: 'exhausted'; readonly untilMs: number };
type Decide = (state: QuotaState | undefined, nowMs: number) => Taken;

/**
 * What may be called how often, counted by all workers together. A process asks with one message at a time for each quota,
 * takes a few permits ahead when it is busy, and where nothing is left asks nobody until there may be more.
 */
export class Quotas implements AsyncDisposable {
  readonly #purses = new LRUCache<string, Purse>({ max: MAX_QUOTAS });
  readonly #asking = new Set<Promise<void>>();

  constructor(
    private readonly bucket: QuotaBucket,
    private readonly clock: Clock,
    private readonly observer: QuotasObserver,
  ) {}

  /** One permit of each, or none at all. Never rejects: while nobody knows what is left, all get what they ask for. */
  async takeAll(workspaceId: string, quotas: readonly Quota[]): Promise<TakenQuotas> {
    const taken: { readonly purse: Purse; readonly grant: Grant }[] = [];
    const giveBack = (): void => {
      for (const { purse, grant } of taken.splice(0)) purse.putBack(grant);
    };
    for (const { key, limit, perMs, learns } of quotas) {
      if (key.length > LONGEST_KEY) continue;
      const purse = this.#purseOf({ workspaceId, key }, { limit, perMs, learns });
      const answer = await this.#ask(purse);
      if (answer.kind === 'exhausted') {
        giveBack();
        return { kind: 'exhausted', key, untilMs: Math.ceil(answer.untilMs) };
      }
      taken.push({ purse, grant: answer.grant });
    }
    const learn: Learn = (quotaKey, allowance) => {
      for (const { purse, grant } of taken) if (purse.quota.key === quotaKey) this.#learn(purse, grant, allowance);
    };
    const spend: Spend = (quotaKey) => {
      for (const { purse } of taken) if (purse.quota.key === quotaKey) this.#spend(purse);
    };
    return { kind: 'granted', giveBack, learn, spend };
  }

  /** Of a workspace: those that were asked for lately, by key. Rejects when the bucket is away. */
  async list(workspaceId: string): Promise<readonly (QuotaStatus & { readonly key: string })[]> {
    const stored = await this.bucket.list(workspaceId);
    const nowMs = this.clock.nowMs();
    return stored
      .filter(({ state, terms }) => quotaWorthKnowingMs(state, terms, nowMs) > 0)
      .map(({ key, state, terms }) => ({ key, ...quotaStatusOf(state, terms, nowMs) }))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  /** When others were told all that they should know, or could not be. */
  async settled(): Promise<void> {
    while (this.#asking.size > 0) await Promise.all(this.#asking);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settled();
  }

  #purseOf(quota: Destination, terms: QuotaTerms): Purse {
    const name = `${quota.workspaceId} ${quota.key}`;
    const purse = this.#purses.get(name) ?? new Purse(quota, terms);
    purse.terms = terms;
    this.#purses.set(name, purse);
    return purse;
  }

  #ask(purse: Purse): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const asker: Asker = {
      granted: (grant) => resolve({ kind: 'granted', grant }),
      sentAway: (untilMs) => resolve({ kind: 'exhausted', untilMs }),
    };
    if (!purse.answers(asker, this.clock.nowMs())) {
      purse.askers.push(asker);
      this.#askForAll(purse);
    }
    return promise;
  }

  #learn(purse: Purse, { windowMs, enteredAtMs }: Grant, allowance: Allowance): void {
    if (windowMs === UNGUARDED_WINDOW) return;
    const answeredAtMs = this.clock.nowMs();
    const report = reportOf(allowance, { windowMs, enteredAtMs, answeredAtMs });
    if (report) purse.hear(report, answeredAtMs);
    this.#askForAll(purse);
  }

  /** Answers tell of what was called, so that it needs no counting where they do. */
  #spend(purse: Purse): void {
    if (purse.terms.learns) return;
    purse.spend(this.clock.nowMs());
    this.#askForAll(purse);
  }

  /** One question at a time; who comes meanwhile is part of the next. */
  #askForAll(purse: Purse): void {
    if (purse.asking || !purse.hasToAsk) return;
    purse.asking = true;
    const asking = (async () => {
      while (purse.hasToAsk) await this.#round(purse);
      purse.asking = false;
    })().finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
  }

  async #round(purse: Purse): Promise<void> {
    const { clock, observer } = this;
    const { terms } = purse;
    const waiting = purse.askers.splice(0).filter((asker) => !purse.answers(asker, clock.nowMs()));
    const news = purse.takeNews();
    const spent = purse.takeSpent();
    if (waiting.length === 0 && !news && spent === 0) return;
    const wanted = { ...purse.wanted(waiting.length, clock.nowMs()), spent };
    try {
      const taken = await this.#change(purse, (state, nowMs) =>
        takePermits(news ? learnQuota(state, terms, news, nowMs) : state, terms, wanted, nowMs),
      );
      if (taken) {
        observer.taken(taken.permits.count);
        purse.take(taken, waiting, clock.nowMs());
      } else for (const asker of waiting) asker.sentAway(clock.nowMs() + CONTENDED_MS);
    } catch (error) {
      purse.known = undefined;
      observer.unguarded(error);
      for (const asker of waiting) asker.granted({ windowMs: UNGUARDED_WINDOW, enteredAtMs: clock.nowMs() });
    }
  }

  /** Undefined when others are always faster. Rejects when the bucket is away. */
  async #change(purse: Purse, decide: Decide): Promise<Taken | undefined> {
    let known = purse.known;
    for (let conflicts = 0; conflicts <= MAX_CONFLICTS; conflicts++) {
      const isFresh = known === undefined;
      known ??= await this.bucket.read(purse.quota);
      const taken = decide(known.state, this.clock.nowMs());
      const written = taken.state === known.state ? known.revision : await this.#write(purse, taken, known.revision);
      // That nothing is left may be old news.
      const isSure = isFresh || taken.state !== known.state || taken.places.length === 0;
      if (written !== undefined && isSure) {
        purse.known = { state: taken.state, revision: written };
        return taken;
      }
      known = undefined;
    }
    return undefined;
  }

  #write({ quota, terms }: Purse, { state }: Taken, revision: number): Promise<number | undefined> {
    const { workspaceId, key } = quota;
    const seconds = Math.ceil(quotaWorthKnowingMs(state, terms, this.clock.nowMs()) / 1_000);
    return this.bucket.write({ workspaceId, key, terms, state }, revision, Math.max(seconds, KEPT_AT_LEAST_SECONDS));
  }
}

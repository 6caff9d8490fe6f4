import type { Quota } from '#libs/node-kit';
import { CIRCUIT_RULES } from './rules.ts';
import { QUOTA_RULES, quotaMarginMs, quotaSlotMs, trialMs } from './quota-rules.ts';

/** What the node type says of a quota. */
export type QuotaTerms = Pick<Quota, 'limit' | 'perMs' | 'learns'>;

/** What is known of a quota. Instants are milliseconds since 1970. */
export type QuotaPhase =
  /**
   * Answers will tell; until one has, a few calls go, and again a few when these told nothing. `trial` is the round that
   * is under way, `before` the one before. `limit` is the last that was told, or what is assumed.
   */
  | {
      readonly kind: 'untold';
      readonly limit: number;
      readonly trial: QuotaSlot;
      readonly before?: QuotaSlot;
    }
  /**
   * The window that answers tell of. It ends between `endsFromMs` and `endsToMs`: an answer tells how long it lasts, and not
   * when it was said between the call and now. `left`: nobody was given these yet.
   */
  | {
      readonly kind: 'told';
      readonly limit: number;
      readonly startedAtMs: number;
      readonly endsFromMs: number;
      readonly endsToMs: number;
      readonly left: number;
    }
  /** An answer knew of no limit. */
  | { readonly kind: 'unlimited'; readonly startedAtMs: number; readonly untilMs: number }
  /** Answers tell nothing, so what was given is counted, oldest slot first. */
  | { readonly kind: 'counted'; readonly slots: readonly QuotaSlot[] };

/** What was given from an instant on. */
export interface QuotaSlot {
  readonly startsAtMs: number;
  readonly granted: number;
}

/**
 * Those who wait, `spacing` apart. While there is one, no more is given than its pace: those who come only now would
 * otherwise take what those in the line were promised, and these be put back for ever.
 */
export interface QuotaLine {
  /** When it began. */
  readonly sinceMs: number;
  /** From when the next one may be given. */
  readonly nextMs: number;
  /** The next free place. */
  readonly endsAtMs: number;
}

/** Everything that workers share of one quota. */
export interface QuotaState {
  readonly phase: QuotaPhase;
  readonly line?: QuotaLine;
}

/** The state as it counts now: without what is over, or what only a wrong clock can have written. The same if nothing is. */
export function quotaNow(state: QuotaState | undefined, terms: QuotaTerms, nowMs: number): QuotaState {
  const phase = terms.learns ? learningPhase(state?.phase, terms, nowMs) : countingPhase(state?.phase, terms, nowMs);
  if (!state?.line || !isStanding(state.line, nowMs)) return { phase };
  return phase === state.phase ? state : { phase, line: state.line };
}

type LearningPhase = Exclude<QuotaPhase, { readonly kind: 'counted' }>;

/** Which window it is: permits carry it, and so do the reports of calls that were made with them. */
export function startOf(phase: LearningPhase): number {
  return phase.kind === 'untold' ? phase.trial.startsAtMs : phase.startedAtMs;
}

/** How far apart those who wait are. */
export function spacingMsOf(phase: QuotaPhase, { limit, perMs }: QuotaTerms): number {
  switch (phase.kind) {
    case 'counted':
      return Math.ceil(countedMs(perMs) / Math.max(1, limit));
    case 'unlimited':
      return QUOTA_RULES.trialSpacingMs;
    case 'untold':
    case 'told':
      return Math.ceil(perMs / Math.max(1, phase.limit));
  }
}

/** For how long what was given counts. */
export function countedMs(perMs: number): number {
  return (QUOTA_RULES.slots + QUOTA_RULES.spareSlots) * quotaSlotMs(perMs);
}

function learningPhase(phase: QuotaPhase | undefined, terms: QuotaTerms, nowMs: number): QuotaPhase {
  if (!phase || phase.kind === 'counted' || isAhead(startOf(phase), nowMs)) return untold(terms.limit, nowMs);
  if (nowMs < endOf(phase, terms.perMs)) return phase;
  if (phase.kind === 'untold') return { ...phase, trial: newTrial(nowMs), before: phase.trial };
  return untold(phase.kind === 'told' ? phase.limit : terms.limit, nowMs);
}

function newTrial(nowMs: number): QuotaSlot {
  return { startsAtMs: nowMs, granted: 0 };
}

function endOf(phase: LearningPhase, perMs: number): number {
  switch (phase.kind) {
    case 'unlimited':
      return phase.untilMs;
    case 'told':
      return phase.endsToMs + quotaMarginMs(perMs);
    case 'untold':
      return phase.trial.startsAtMs + trialMs(phase.limit, perMs);
  }
}

function untold(limit: number, nowMs: number): QuotaPhase {
  return { kind: 'untold', limit, trial: newTrial(nowMs) };
}

function countingPhase(phase: QuotaPhase | undefined, { perMs }: QuotaTerms, nowMs: number): QuotaPhase {
  if (phase?.kind !== 'counted') return { kind: 'counted', slots: [] };
  const slots = phase.slots.filter(
    ({ startsAtMs }) => nowMs < startsAtMs + countedMs(perMs) && !isAhead(startsAtMs, nowMs),
  );
  return slots.length === phase.slots.length ? phase : { kind: 'counted', slots };
}

function isStanding({ sinceMs, endsAtMs }: QuotaLine, nowMs: number): boolean {
  return nowMs < endsAtMs && !isAhead(sinceMs, nowMs);
}

function isAhead(saidMs: number, nowMs: number): boolean {
  return saidMs > nowMs + CIRCUIT_RULES.clockSkewMs;
}

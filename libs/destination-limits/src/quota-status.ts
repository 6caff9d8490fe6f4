import { countedMs, quotaNow, type QuotaSlot, type QuotaState, type QuotaTerms } from './quota.ts';
import { QUOTA_RULES, quotaMarginMs, trialMs } from './quota-rules.ts';

/** A quota for those who look at it. Instants are milliseconds since 1970. */
export interface QuotaStatus {
  /** Calls in a window; null when the other side has no limit. */
  readonly limit: number | null;
  /** That no worker has taken yet; null when nobody has told, or there is no limit. */
  readonly left: number | null;
  /** When there is all of it again; null when there is, or nobody has told. */
  readonly resetsAtMs: number | null;
  /** False while what is left has to be told by an answer. */
  readonly known: boolean;
  /** Until when attempts wait for it; null when none does. */
  readonly waitsUntilMs: number | null;
}

export function quotaStatusOf(stored: QuotaState, terms: QuotaTerms, nowMs: number): QuotaStatus {
  const { phase, line } = quotaNow(stored, terms, nowMs);
  const waitsUntilMs = line?.endsAtMs ?? null;
  switch (phase.kind) {
    case 'untold':
      return { limit: phase.limit, left: null, resetsAtMs: null, known: false, waitsUntilMs };
    case 'unlimited':
      return { limit: null, left: null, resetsAtMs: null, known: true, waitsUntilMs };
    case 'told':
      return { limit: phase.limit, left: phase.left, resetsAtMs: phase.endsToMs, known: true, waitsUntilMs };
    case 'counted': {
      const { limit, perMs } = terms;
      const newest = phase.slots.at(-1);
      const resetsAtMs = newest ? newest.startsAtMs + countedMs(perMs) : null;
      return { limit, left: Math.max(0, limit - usedIn(phase.slots)), resetsAtMs, known: true, waitsUntilMs };
    }
  }
}

/** For how much longer there is something to know of it, at least 0. */
export function quotaWorthKnowingMs(stored: QuotaState, terms: QuotaTerms, nowMs: number): number {
  const { phase, line } = quotaNow(stored, terms, nowMs);
  const untilMs = Math.max(line?.endsAtMs ?? 0, phaseEndsAtMs(phase, terms));
  return Math.max(0, untilMs - nowMs);
}

function phaseEndsAtMs(phase: QuotaState['phase'], { perMs }: QuotaTerms): number {
  switch (phase.kind) {
    case 'untold':
      return phase.trial.startsAtMs + trialMs(phase.limit, perMs) + QUOTA_RULES.forgottenAfterMs;
    case 'told':
      return phase.endsToMs + quotaMarginMs(perMs) + QUOTA_RULES.forgottenAfterMs;
    case 'unlimited':
      return phase.untilMs;
    case 'counted':
      return (phase.slots.at(-1)?.startsAtMs ?? 0) + countedMs(perMs);
  }
}

function usedIn(slots: readonly QuotaSlot[]): number {
  return slots.reduce((total, { granted }) => total + granted, 0);
}

import type { Allowance } from '#libs/node-kit';
import { quotaNow, startOf, type QuotaPhase, type QuotaState, type QuotaTerms } from './quota.ts';
import { QUOTA_RULES } from './quota-rules.ts';

/** What an answer said, with instants for what was told as time left. */
export type QuotaReport =
  | {
      readonly kind: 'limited';
      readonly limit: number;
      readonly remaining: number;
      /** The window ends between these. */
      readonly endsFromMs: number;
      readonly endsToMs: number;
      /** The window that the call's permit is from. */
      readonly windowMs: number;
    }
  | { readonly kind: 'unlimited' };

type Limited = Extract<QuotaReport, { readonly kind: 'limited' }>;

/** Of the call that was answered: the window that its permit is from, when it was let in, and when it was answered. */
export interface AnsweredCall {
  readonly windowMs: number;
  readonly enteredAtMs: number;
  readonly answeredAtMs: number;
}

/** Undefined for an allowance that is no number: it tells nothing. */
export function reportOf(
  allowance: Allowance,
  { windowMs, enteredAtMs, answeredAtMs }: AnsweredCall,
): QuotaReport | undefined {
  if (allowance.kind === 'unlimited') return allowance;
  const { limit, remaining, resetInMs } = allowance;
  if (![limit, remaining, resetInMs].every(Number.isFinite)) return undefined;
  const forMs = Math.ceil(Math.min(Math.max(resetInMs, 0), QUOTA_RULES.longestWindowMs));
  return {
    kind: 'limited',
    limit: Math.max(0, Math.floor(limit)),
    remaining: Math.max(0, Math.floor(remaining)),
    endsFromMs: Math.min(enteredAtMs, answeredAtMs) + forMs,
    endsToMs: answeredAtMs + forMs,
    windowMs,
  };
}

/** Two reports as one: of one window the stricter, else the later window. A limit counts more than none. */
export function mergeReports(one: QuotaReport, other: QuotaReport): QuotaReport {
  if (one.kind === 'unlimited') return other;
  if (other.kind === 'unlimited') return one;
  if (one.windowMs !== other.windowMs) return one.windowMs > other.windowMs ? one : other;
  return { ...other, remaining: Math.min(one.remaining, other.remaining), ...endOfBoth(one, other) };
}

/**
 * The state after an answer. Within a window what is left only shrinks: an answer that comes late, or tells what was told
 * before, gives nothing back.
 */
export function learnQuota(
  before: QuotaState | undefined,
  terms: QuotaTerms,
  report: QuotaReport,
  nowMs: number,
): QuotaState {
  const state = quotaNow(before, terms, nowMs);
  const phase = report.kind === 'limited' ? limited(state.phase, report) : unlimited(state.phase, nowMs);
  return phase === state.phase ? state : { ...state, phase };
}

function limited(phase: QuotaPhase, report: Limited): QuotaPhase {
  const { limit, remaining, endsFromMs, endsToMs } = report;
  if (isOfOther(phase, report)) return phase;
  switch (phase.kind) {
    case 'counted':
      return phase;
    case 'untold': {
      // Of the other first calls it is not known whether they were counted already.
      const granted = phase.trial.granted + (phase.before?.granted ?? 0);
      const left = Math.max(0, remaining - Math.max(0, granted - 1));
      return { kind: 'told', limit, startedAtMs: startOf(phase), endsFromMs, endsToMs, left };
    }
    case 'unlimited':
      return { kind: 'told', limit, startedAtMs: phase.startedAtMs, endsFromMs, endsToMs, left: remaining };
    case 'told':
      return { ...phase, limit, left: Math.min(phase.left, remaining), ...endOfBoth(phase, report) };
  }
}

type WindowEnd = Pick<Limited, 'endsFromMs' | 'endsToMs'>;

/** Where both say that the window ends. Of two that can't both be true, the earlier one is of this window. */
function endOfBoth(one: WindowEnd, other: WindowEnd): WindowEnd {
  const endsToMs = Math.min(one.endsToMs, other.endsToMs);
  return { endsToMs, endsFromMs: Math.min(endsToMs, Math.max(one.endsFromMs, other.endsFromMs)) };
}

/** A call of a window that is over may have been counted there, and tells of it. */
function isOfOther(phase: QuotaPhase, { windowMs }: Limited): boolean {
  if (phase.kind === 'untold') return ![phase.trial, phase.before].some((one) => one?.startsAtMs === windowMs);
  return phase.kind === 'told' && windowMs !== phase.startedAtMs;
}

/** An answer that came from something in between knows no limit either, so what was told holds for its window. */
function unlimited(phase: QuotaPhase, nowMs: number): QuotaPhase {
  if (phase.kind !== 'untold') return phase;
  return { kind: 'unlimited', startedAtMs: nowMs, untilMs: nowMs + QUOTA_RULES.unlimitedMs };
}

import { barredUntilMs, isBinding, spanOf, type Circuit } from './circuit.ts';
import { CIRCUIT_RULES } from './rules.ts';
import { recent, totalOf } from './window.ts';

/** What an attempt finds that comes now. */
export type Passage =
  | { readonly kind: 'free' }
  /** It may pass as the probe, if it is the first to say so. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'barred'; readonly by: 'circuit' | 'rateLimit'; readonly untilMs: number };

export function decidePassage(circuit: Circuit, nowMs: number): Passage {
  const { breaker } = circuit;
  const untilMs = barredUntilMs(circuit, nowMs);
  if (untilMs === undefined) return { kind: breaker.state === 'closed' ? 'free' : 'probe' };
  if (breaker.state === 'closed') return { kind: 'barred', by: 'rateLimit', untilMs };
  const lookMs = breaker.state === 'halfOpen' ? nowMs + CIRCUIT_RULES.probeLookMs : untilMs;
  return { kind: 'barred', by: 'circuit', untilMs: Math.min(untilMs, lookMs) };
}

/** A circuit for those who look at it. Instants are milliseconds since 1970. */
export interface CircuitStatus {
  readonly state: 'closed' | 'open' | 'halfOpen';
  /** Calls that failed within the window; while not closed, those that opened it. */
  readonly failures: number;
  readonly openedAtMs: number | null;
  /** When an attempt may pass again: never null while open, perhaps in the past when nobody came since. */
  readonly retryAtMs: number | null;
}

export function statusOf(circuit: Circuit, nowMs: number): CircuitStatus {
  const { breaker, window, pause } = circuit;
  if (breaker.state === 'closed') {
    const failures = totalOf(recent(window, nowMs)).failed;
    const retryAtMs = barredUntilMs(circuit, nowMs) ?? null;
    return { state: 'closed', failures, openedAtMs: null, retryAtMs };
  }
  const own = breaker.state === 'open' ? breaker.coolDown : breaker.probe.lease;
  const retryAtMs = Math.max(own.untilMs, pause?.untilMs ?? 0);
  return { state: breaker.state, failures: totalOf(window).failed, openedAtMs: breaker.openedAtMs, retryAtMs };
}

/** For how much longer there is something to know of it, at least 0. */
export function worthKnowingMs(circuit: Circuit, nowMs: number): number {
  const { breaker, pause } = circuit;
  const pauseMs = pause && isBinding(pause, nowMs) ? pause.untilMs - nowMs : 0;
  const span = spanOf(breaker);
  if (!span) return Math.max(pauseMs, windowMs(circuit, nowMs));
  const isWrong = nowMs < span.sinceMs - CIRCUIT_RULES.clockSkewMs;
  const breakerMs = isWrong ? 0 : span.untilMs + CIRCUIT_RULES.forgottenAfterMs - nowMs;
  return Math.max(pauseMs, breakerMs, 0);
}

function windowMs({ window }: Circuit, nowMs: number): number {
  const newest = recent(window, nowMs).findLast(({ failed }) => failed > 0);
  return newest ? Math.max(0, (newest.slot + CIRCUIT_RULES.slots) * CIRCUIT_RULES.slotMs - nowMs) : 0;
}

import { assertNever } from '#libs/kernel';
import { CIRCUIT_RULES, coolDownMs } from './rules.ts';
import { merge, recent, totalOf, type Window } from './window.ts';

/** A span in milliseconds since 1970: from when it was said to when it is over. */
export interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * closed ── too many failures ──► open ── cool-down over, somebody comes ──► halfOpen ── the probe succeeds ──► closed
 *                                  ▲                                            │
 *                                  └──────── the probe fails: twice as long ────┘
 *
 * A probe that does not come back within its lease is replaced by the next attempt that comes.
 */
export type Breaker =
  | { readonly state: 'closed' }
  | {
      readonly state: 'open';
      /** When it was last seen to work, and no more. */
      readonly openedAtMs: number;
      /** In a row, from 1. */
      readonly openings: number;
      readonly coolDown: Span;
    }
  | {
      readonly state: 'halfOpen';
      readonly openedAtMs: number;
      readonly openings: number;
      readonly probe: { readonly id: string; readonly lease: Span };
    };

/** What is known of a destination. */
export interface Circuit {
  /** While not closed: the calls that opened it. */
  readonly window: Window;
  readonly breaker: Breaker;
  /** The destination asked all to wait. */
  readonly pause?: Span;
}

/** What came of a call, as far as the destination is concerned; `ignored` tells nothing of it. */
export type CallOutcome = 'ok' | 'failed' | 'ignored';

/** What happened at a destination. */
export type CircuitEvent =
  | { readonly type: 'CallsEnded'; readonly calls: Window }
  | { readonly type: 'PauseAsked'; readonly forMs: number }
  | { readonly type: 'ProbeStarted'; readonly id: string }
  | { readonly type: 'ProbeEnded'; readonly id: string; readonly outcome: CallOutcome }
  | { readonly type: 'Reset' };

/** Nothing is known, so nothing is held back. */
export function initialCircuit(): Circuit {
  return { window: [], breaker: { state: 'closed' } };
}

/** The same circuit when the event changes nothing: late news is no news. */
export function evolveCircuit(circuit: Circuit, event: CircuitEvent, nowMs: number): Circuit {
  switch (event.type) {
    case 'CallsEnded':
      return count(circuit, event.calls, nowMs);
    case 'PauseAsked':
      return pauseFor(circuit, event.forMs, nowMs);
    case 'ProbeStarted':
      return startProbe(circuit, event.id, nowMs);
    case 'ProbeEnded':
      return endProbe(circuit, event, nowMs);
    case 'Reset':
      return initialCircuit();
    default:
      return assertNever(event);
  }
}

/** Whether a span binds now. One that begins in the future was written by a clock that was wrong. */
export function isBinding({ sinceMs, untilMs }: Span, nowMs: number): boolean {
  return nowMs < untilMs && nowMs >= sinceMs - CIRCUIT_RULES.clockSkewMs;
}

/** When the next attempt may pass, as the probe unless it is closed; undefined when one may now. */
export function barredUntilMs({ breaker, pause }: Circuit, nowMs: number): number | undefined {
  const ends = [pause, spanOf(breaker)].flatMap((span) => (span && isBinding(span, nowMs) ? [span.untilMs] : []));
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** What holds attempts back by itself: the cool-down, or the probe under way. */
export function spanOf(breaker: Breaker): Span | undefined {
  switch (breaker.state) {
    case 'closed':
      return undefined;
    case 'open':
      return breaker.coolDown;
    case 'halfOpen':
      return breaker.probe.lease;
  }
}

function count(circuit: Circuit, calls: Window, nowMs: number): Circuit {
  // What ends now began before it opened, and is no news.
  if (circuit.breaker.state !== 'closed') return circuit;
  const window = recent(merge(circuit.window, calls), nowMs);
  if (!isTooMuch(window)) return { ...circuit, window };
  return { ...circuit, window, breaker: open({ openedAtMs: nowMs, openings: 1 }, nowMs) };
}

function isTooMuch(window: Window): boolean {
  const { ok, failed } = totalOf(window);
  return ok + failed >= CIRCUIT_RULES.minCalls && failed >= (ok + failed) * CIRCUIT_RULES.failureRate;
}

function open(first: { readonly openedAtMs: number; readonly openings: number }, nowMs: number): Breaker {
  const coolDown = { sinceMs: nowMs, untilMs: nowMs + coolDownMs(first.openings) };
  return { state: 'open', openedAtMs: first.openedAtMs, openings: first.openings, coolDown };
}

/** The later of two pauses holds. */
function pauseFor(circuit: Circuit, forMs: number, nowMs: number): Circuit {
  const untilMs = nowMs + Math.min(Math.max(forMs, 0), CIRCUIT_RULES.longestPauseMs);
  const present = circuit.pause;
  if (present && isBinding(present, nowMs) && present.untilMs >= untilMs) return circuit;
  return { ...circuit, pause: { sinceMs: nowMs, untilMs } };
}

function startProbe(circuit: Circuit, id: string, nowMs: number): Circuit {
  const { breaker } = circuit;
  if (breaker.state === 'closed' || barredUntilMs(circuit, nowMs) !== undefined) return circuit;
  const { openedAtMs, openings } = breaker;
  const lease = { sinceMs: nowMs, untilMs: nowMs + CIRCUIT_RULES.probeLeaseMs };
  return { ...circuit, breaker: { state: 'halfOpen', openedAtMs, openings, probe: { id, lease } } };
}

/** Of a probe that was replaced, only success counts: it shows that the destination works. */
function endProbe(
  circuit: Circuit,
  { id, outcome }: { readonly id: string; readonly outcome: CallOutcome },
  nowMs: number,
): Circuit {
  const { breaker } = circuit;
  if (breaker.state !== 'halfOpen') return circuit;
  if (outcome === 'ok') return close(circuit);
  if (breaker.probe.id !== id) return circuit;
  const { openedAtMs, openings } = breaker;
  if (outcome === 'failed') return { ...circuit, breaker: open({ openedAtMs, openings: openings + 1 }, nowMs) };
  const coolDown = { sinceMs: nowMs, untilMs: nowMs };
  return { ...circuit, breaker: { state: 'open', openedAtMs, openings, coolDown } };
}

function close({ pause: asked }: Circuit): Circuit {
  return asked ? { ...initialCircuit(), pause: asked } : initialCircuit();
}

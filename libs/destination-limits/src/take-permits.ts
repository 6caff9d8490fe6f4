import { takePlace } from './line.ts';
import { countedMs, quotaNow, startOf, spacingMsOf, type QuotaLine, type QuotaPhase, type QuotaSlot } from './quota.ts';
import type { QuotaState, QuotaTerms } from './quota.ts';
import { QUOTA_RULES, quotaMarginMs, quotaSlotMs, trialCalls, trialMs } from './quota-rules.ts';

/** What a process asks for. */
export interface Wanted {
  /** Attempts that wait for the answer. */
  readonly waiting: number;
  /** More, for attempts that will come, if there are plenty. */
  readonly ahead: number;
  /** If there is not enough, so many places in the line more than attempts need. */
  readonly placesAhead: number;
  /** Calls that were made without a permit, as their attempts were under way: nobody else gets these. Default 0. */
  readonly spent?: number;
}

/** So many calls may be made. */
export interface Permits {
  readonly count: number;
  /** From then on they are worth nothing. */
  readonly untilMs: number;
  /** Of the window that they are from; an answer to such a call tells of this window. */
  readonly windowMs: number;
}

export interface Taken {
  /** The same as before when nothing was given. */
  readonly state: QuotaState;
  readonly permits: Permits;
  /** When those who got none come again; at least one for each. */
  readonly places: readonly number[];
  /** Nothing is given before. */
  readonly nothingUntilMs: number;
}

interface Instant {
  readonly terms: QuotaTerms;
  readonly nowMs: number;
}

/** Gives what there is, and places in the line to those who get none. */
export function takePermits(
  before: QuotaState | undefined,
  terms: QuotaTerms,
  { waiting, ahead, placesAhead, spent = 0 }: Wanted,
  nowMs: number,
): Taken {
  const now = withoutSpent(quotaNow(before, terms, nowMs), spent, { terms, nowMs });
  const { phase, line } = now;
  const room = roomIn(phase, terms, nowMs);
  const spacingMs = spacingMsOf(phase, terms);
  const free = Math.min(room.free, paceOf(line, spacingMs, nowMs));
  const count = Math.min(free, waiting + chunk(free - waiting, ahead));
  const state = count === 0 ? now : after(now, { count, spacingMs }, { terms, nowMs });
  const permits = { count, untilMs: room.untilMs, windowMs: room.windowMs };
  const missing = Math.max(0, waiting - count);
  if (missing === 0) return { state, permits, places: [], nothingUntilMs: nowMs };
  if (!line && phase.kind === 'untold') return { state, permits, ...placesSoon(missing, nowMs) };
  const fromMs = room.free > count ? nowMs : room.nextMs;
  return { permits, ...placesIn(state, { count: missing + placesAhead, fromMs, spacingMs, nowMs }) };
}

/** The line goes on at its pace; who finds nothing at its place gets a later one. */
function withoutSpent(now: QuotaState, spent: number, at: Instant): QuotaState {
  return spent === 0 ? now : { ...now, phase: granted(now.phase, spent, at) };
}

function after(
  { phase, line }: QuotaState,
  { count, spacingMs }: { readonly count: number; readonly spacingMs: number },
  at: Instant,
): QuotaState {
  const given = granted(phase, count, at);
  return line ? { phase: given, line: { ...line, nextMs: line.nextMs + count * spacingMs } } : { phase: given };
}

/** An 8th of what is left at most, so that no process sits on what others need. */
function chunk(rest: number, ahead: number): number {
  const { aheadShare, mostAhead } = QUOTA_RULES;
  return Math.max(0, Math.min(ahead, mostAhead, Math.floor(rest * aheadShare)));
}

interface Room {
  readonly free: number;
  readonly untilMs: number;
  readonly windowMs: number;
  /** When there is more, at the earliest. */
  readonly nextMs: number;
}

function roomIn(phase: QuotaPhase, terms: QuotaTerms, nowMs: number): Room {
  switch (phase.kind) {
    case 'untold': {
      const { startsAtMs, granted } = phase.trial;
      const nextMs = Math.min(startsAtMs + trialMs(phase.limit, terms.perMs), nowMs + QUOTA_RULES.trialLookMs);
      const free = Math.max(0, trialCalls(phase.limit) - granted);
      // Not to be kept: it is not known when their window ends.
      return { free, untilMs: nowMs, windowMs: startOf(phase), nextMs };
    }
    case 'told': {
      const marginMs = quotaMarginMs(terms.perMs);
      const untilMs = phase.endsFromMs - marginMs;
      const free = nowMs < untilMs ? phase.left : 0;
      return { free, untilMs, windowMs: startOf(phase), nextMs: phase.endsToMs + 2 * marginMs };
    }
    case 'unlimited': {
      const { untilMs } = phase;
      return { free: Number.MAX_SAFE_INTEGER, untilMs, windowMs: startOf(phase), nextMs: nowMs };
    }
    case 'counted':
      return roomInSlots(phase.slots, terms, nowMs);
  }
}

function roomInSlots(slots: readonly QuotaSlot[], { limit, perMs }: QuotaTerms, nowMs: number): Room {
  const used = slots.reduce((total, slot) => total + slot.granted, 0);
  const windowMs = slotStart(nowMs, perMs);
  const untilMs = windowMs + quotaSlotMs(perMs);
  const nextMs = (slots[0]?.startsAtMs ?? windowMs) + countedMs(perMs);
  return { free: Math.max(0, Math.floor(limit) - used), untilMs, windowMs, nextMs };
}

function granted(phase: QuotaPhase, count: number, { terms, nowMs }: Instant): QuotaPhase {
  switch (phase.kind) {
    case 'untold':
      return { ...phase, trial: { ...phase.trial, granted: phase.trial.granted + count } };
    case 'told':
      return { ...phase, left: Math.max(0, phase.left - count) };
    case 'unlimited':
      return phase;
    case 'counted':
      return { ...phase, slots: withGrant(phase.slots, count, slotStart(nowMs, terms.perMs)) };
  }
}

function withGrant(slots: readonly QuotaSlot[], count: number, startsAtMs: number): readonly QuotaSlot[] {
  const present = slots.find((slot) => slot.startsAtMs === startsAtMs);
  const others = slots.filter((slot) => slot !== present);
  const all = [...others, { startsAtMs, granted: (present?.granted ?? 0) + count }];
  return all.sort((one, other) => one.startsAtMs - other.startsAtMs);
}

function slotStart(nowMs: number, perMs: number): number {
  const slotMs = quotaSlotMs(perMs);
  return Math.floor(nowMs / slotMs) * slotMs;
}

/** What the line lets through now: those whose place has come, and those in whose place nobody came. */
function paceOf(line: QuotaLine | undefined, spacingMs: number, nowMs: number): number {
  if (!line) return Number.MAX_SAFE_INTEGER;
  const earlyMs = Math.min(QUOTA_RULES.earlyMs, spacingMs / 2);
  return Math.max(0, Math.floor((nowMs + earlyMs - line.nextMs) / spacingMs) + 1);
}

/** The first calls are under way and will have told in a moment, which is no reason to wait in a line. */
function placesSoon(count: number, nowMs: number) {
  const { trialLookMs, trialSpacingMs } = QUOTA_RULES;
  const places = Array.from({ length: count }, (_, index) => nowMs + trialLookMs + index * trialSpacingMs);
  return { places, nothingUntilMs: nowMs };
}

function placesIn(
  { phase, line: before }: QuotaState,
  {
    count,
    fromMs,
    spacingMs,
    nowMs,
  }: { readonly count: number; readonly fromMs: number; readonly spacingMs: number; readonly nowMs: number },
) {
  const { sinceMs, nextMs, endsAtMs } = before ?? { sinceMs: nowMs, nextMs: fromMs, endsAtMs: fromMs };
  const places: number[] = [];
  let end = { endsAtMs };
  while (places.length < count) {
    const { atMs, line } = takePlace(end, { fromMs, spacingMs, longestMs: QUOTA_RULES.longestLineMs });
    places.push(atMs);
    end = line;
  }
  const line = { sinceMs, nextMs: Math.max(nextMs, fromMs), ...end };
  return { state: { phase, line }, places, nothingUntilMs: line.nextMs };
}

import { CIRCUIT_RULES } from './rules.ts';

/** Calls that ended within one slot of time. */
export interface SlotCount {
  /** Milliseconds since 1970, divided by the length of a slot. */
  readonly slot: number;
  readonly ok: number;
  readonly failed: number;
}

/** Calls by slot, oldest first, each slot once. */
export type Window = readonly SlotCount[];

export function slotAt(nowMs: number): number {
  return Math.floor(nowMs / CIRCUIT_RULES.slotMs);
}

/** Both together. */
export function merge(window: Window, more: Window): Window {
  const bySlot = new Map<number, SlotCount>();
  for (const count of [...window, ...more]) {
    const present = bySlot.get(count.slot);
    bySlot.set(count.slot, present ? sum(count.slot, [present, count]) : count);
  }
  return [...bySlot.values()].sort((one, other) => one.slot - other.slot);
}

/** Without slots that are over, or so far ahead that only a wrong clock can have counted into them. */
export function recent(window: Window, nowMs: number): Window {
  const first = slotAt(nowMs) - CIRCUIT_RULES.slots + 1;
  const last = slotAt(nowMs + CIRCUIT_RULES.clockSkewMs);
  return window.filter(({ slot }) => slot >= first && slot <= last);
}

export function totalOf(window: Window): { readonly ok: number; readonly failed: number } {
  return sum(0, window);
}

function sum(slot: number, counts: Window): SlotCount {
  return {
    slot,
    ok: counts.reduce((total, count) => total + count.ok, 0),
    failed: counts.reduce((total, count) => total + count.failed, 0),
  };
}

import type { DomainEvent } from '#libs/event-sourcing';

/** What stands between an accepted execution and its first node. Keys are unique in the installation. */
export type Gate =
  /** Only the newest of those with the key begins, once none came for `delayMs`. */
  | { readonly kind: 'debounce'; readonly key: string; readonly delayMs: number }
  /** At most `limit` of those with the key begin in any `perMs`; the others wait. */
  | { readonly kind: 'throttle'; readonly key: string; readonly limit: number; readonly perMs: number }
  /** At most `limit` of those with the key are under way at once. */
  | {
      readonly kind: 'concurrency';
      readonly key: string;
      readonly limit: number;
      readonly onLimit: 'queue' | 'skip' | 'cancelOldest';
    };

/** The execution has to pass these gates, in this order, before it begins. */
export type AdmissionRequested = DomainEvent<'AdmissionRequested', { readonly gates: readonly Gate[] }>;
/** The gate does not let it pass now; with `until`, then. */
export type AdmissionHeld = DomainEvent<'AdmissionHeld', { readonly gate: number; readonly until?: string }>;
export type AdmissionGranted = DomainEvent<'AdmissionGranted', { readonly gate: number }>;

/** Where an execution stands before it begins. */
export interface Admission {
  readonly gates: readonly Gate[];
  /** Gates passed; equal to their number once it may begin. */
  readonly passed: number;
  /** It waits at the gate `passed`, until then when that is known. */
  readonly held?: { readonly until?: string };
}

export type AdmissionEvent = AdmissionRequested | AdmissionHeld | AdmissionGranted;

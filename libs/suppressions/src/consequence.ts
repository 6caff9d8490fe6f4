import type { SuppressionReason } from './suppression.ts';

/** What happened to mail for an address: how it was returned, or what its reader said. */
export type Misfortune = 'hard' | 'soft' | 'mailboxFull' | 'policy' | 'delayed' | 'complaint' | 'unsubscribed';

/** So many within so long are a mailbox that nobody empties or a host that nobody repairs. */
export const SOFT_BOUNCES = { count: 3, withinMs: 7 * 86_400_000, suppressedForMs: 14 * 86_400_000 } as const;

export type Consequence =
  | { readonly kind: 'none' }
  /** Counted; so many together have one. */
  | { readonly kind: 'counted' }
  /** `forMs` absent: until somebody takes it from the list. */
  | { readonly kind: 'suppressed'; readonly reason: SuppressionReason; readonly forMs?: number };

const CONSEQUENCES: Readonly<Record<Misfortune, Consequence>> = {
  hard: { kind: 'suppressed', reason: 'hardBounce' },
  complaint: { kind: 'suppressed', reason: 'complaint' },
  unsubscribed: { kind: 'suppressed', reason: 'unsubscribed' },
  soft: { kind: 'counted' },
  mailboxFull: { kind: 'counted' },
  // The mail was refused, not the address; and what is still being tried may arrive.
  policy: { kind: 'none' },
  delayed: { kind: 'none' },
};

/** What follows for the address. `softBounces`: how many mails came back so lately, with this one. */
export function consequenceOf(misfortune: Misfortune, softBounces = 0): Consequence {
  const usual = CONSEQUENCES[misfortune];
  if (usual.kind !== 'counted' || softBounces < SOFT_BOUNCES.count) return usual;
  return { kind: 'suppressed', reason: 'softBounces', forMs: SOFT_BOUNCES.suppressedForMs };
}

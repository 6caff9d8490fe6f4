import type { KnownHook } from './hook-entry.ts';

/** `failing`: wanted, and could not be registered. What can't be removed is `removing` until it is given up. */
export type HookState = 'registered' | 'pending' | 'failing' | 'removing' | 'removed';

export function stateOf({ isWanted, stage, failure }: KnownHook): HookState {
  if (stage === 'gone') return 'removed';
  if (!isWanted) return 'removing';
  if (stage === 'there') return 'registered';
  return failure ? 'failing' : 'pending';
}

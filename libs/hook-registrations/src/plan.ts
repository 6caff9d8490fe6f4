import { epochMsOf, toInstant } from '#libs/kernel';
import { isSameHook, type HookEntry, type HookIdentity, type KnownHook } from './hook-entry.ts';

/** What is to be done for an entry next. */
export type HookStep =
  /** Also for one that is not wanted, and of which it is not known whether it is there: whoever removes it needs its id. */
  | { readonly kind: 'create'; readonly hook: KnownHook }
  | { readonly kind: 'remove'; readonly hook: KnownHook & { readonly hookId: string } }
  /** Somebody is at it. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'nothing' };

const NOTHING: HookStep = { kind: 'nothing' };

/** The wanted hook first, then those that are not wanted: a URL that was rotated is called until its successor is. */
export function nextStep({ hooks, work }: HookEntry, nowMs: number): HookStep {
  if (work && epochMsOf(work.until) > nowMs) return { kind: 'busy' };
  const wanted = hooks.find(({ isWanted }) => isWanted);
  if (wanted && wanted.stage !== 'there') {
    const dueMs = dueMsOf(wanted);
    if (dueMs <= nowMs) return { kind: 'create', hook: wanted };
    if (dueMs !== Infinity) return { kind: 'wait', untilMs: dueMs };
  }
  return removalIn(hooks, nowMs);
}

function removalIn(hooks: readonly KnownHook[], nowMs: number): HookStep {
  const [next] = hooks
    .filter(({ isWanted, stage }) => !isWanted && stage !== 'gone')
    .toSorted((one, other) => dueMsOf(one) - dueMsOf(other));
  if (!next) return NOTHING;
  const dueMs = dueMsOf(next);
  if (dueMs > nowMs) return dueMs === Infinity ? NOTHING : { kind: 'wait', untilMs: dueMs };
  const { hookId } = next;
  return hookId === undefined ? { kind: 'create', hook: next } : { kind: 'remove', hook: { ...next, hookId } };
}

/** Infinity: not by itself. */
function dueMsOf({ failure }: KnownHook): number {
  if (!failure) return 0;
  return failure.againAt === null ? Infinity : epochMsOf(failure.againAt);
}

/**
 * The entry as it is to be when this hook is wanted, or none; the same one when it is so already. `keyId` names the key from
 * which secrets are derived now: a hook with the secret of another one is told the new one, at the place where it is.
 */
export function withWanted(
  entry: HookEntry,
  wanted: HookIdentity | undefined,
  { nowMs, keyId }: { readonly nowMs: number; readonly keyId: string },
): HookEntry {
  const since = toInstant(nowMs);
  const hooks = entry.hooks.flatMap((hook) => {
    const isWanted = wanted !== undefined && isSameHook(hook, wanted);
    // Of what was never asked for there is nothing to be removed.
    if (!isWanted && hook.stage === 'planned') return [];
    return [isWanted ? signedAnew(wantedAgain(hook, since), { since, keyId }) : unwanted(hook, since)];
  });
  const isKnown = hooks.some(({ isWanted }) => isWanted);
  const all = wanted && !isKnown ? [...hooks, planned(wanted, since)] : hooks;
  const isSame = all.length === entry.hooks.length && all.every((hook, index) => hook === entry.hooks[index]);
  return isSame ? entry : { ...entry, hooks: all };
}

function planned({ type, credentialId, at, url }: HookIdentity, since: string): KnownHook {
  return { type, credentialId, at, url, isWanted: true, stage: 'planned', since };
}

/** One that failed is tried again: whoever activates a workflow expects no less. */
function wantedAgain(hook: KnownHook, since: string): KnownHook {
  if (hook.stage === 'gone') return planned(hook, since);
  if (hook.isWanted && !hook.failure) return hook;
  return { ...withoutFailure(hook), isWanted: true, since: hook.isWanted ? hook.since : since };
}

function signedAnew(hook: KnownHook, { since, keyId }: { since: string; keyId: string }): KnownHook {
  return hook.stage === 'there' && hook.signedBy !== keyId ? { ...hook, stage: 'unsure', since } : hook;
}

function unwanted(hook: KnownHook, since: string): KnownHook {
  return hook.isWanted ? { ...withoutFailure(hook), isWanted: false, since } : hook;
}

/**
 * The entry when somebody asks that what failed be tried now, of all hooks or of those of one credential; the same one when
 * there is nothing of the kind. What somebody is at is tried again after it has failed.
 */
export function askedAgain(entry: HookEntry, ofCredential?: string): HookEntry {
  const isMeant = (hook: KnownHook): boolean =>
    (ofCredential === undefined || hook.credentialId === ofCredential) && hook.stage !== 'gone';
  const { work } = entry;
  const isWorkMeant = work !== undefined && !work.isAskedAgain && entry.hooks.some(isUnsettled(isMeant));
  const isFailed = entry.hooks.some((hook) => isMeant(hook) && hook.failure);
  if (!isWorkMeant && !isFailed) return entry;
  const hooks = entry.hooks.map((hook) => (isMeant(hook) && hook.failure ? withoutFailure(hook) : hook));
  return { ...entry, hooks, ...(work ? { work: { ...work, isAskedAgain: work.isAskedAgain || isWorkMeant } } : {}) };
}

function isUnsettled(isMeant: (hook: KnownHook) => boolean): (hook: KnownHook) => boolean {
  return (hook) => isMeant(hook) && hook.stage === 'unsure';
}

export function withoutFailure({ failure: _, ...hook }: KnownHook): KnownHook {
  return hook;
}

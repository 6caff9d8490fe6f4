import { toInstant } from '#libs/kernel';
import { isSameHook, type HookEntry, type HookFailure, type KnownHook } from './hook-entry.ts';
import { GONE_KEPT, isGivenUp, pauseMs } from './hook-rules.ts';
import { withoutFailure, type HookStep } from './plan.ts';

export type DoableStep = Extract<HookStep, { kind: 'create' | 'remove' }>;

/** What came of a step. */
export type StepOutcome =
  /** `signedBy`: id of the key of its secret. */
  | { readonly kind: 'created'; readonly hookId: string; readonly signedBy: string }
  | { readonly kind: 'removed' }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
      readonly retryAfterMs?: number;
    }
  /** Nothing can be said of it: the process must go. */
  | { readonly kind: 'interrupted' };

/**
 * The entry before the service is asked: whoever finds it after we died knows that the hook may be there, and that nobody
 * else is to be at it before `until`.
 */
export function begun(entry: HookEntry, { hook }: DoableStep, work: { by: string; until: string }): HookEntry {
  const hooks = entry.hooks.map((one) => (isSameHook(one, hook) ? { ...one, stage: 'unsure' as const } : one));
  return { ...entry, hooks, work: { ...work, isAskedAgain: false } };
}

/**
 * The entry as it is now, after the step that `by` has begun. Undefined when somebody else is at it: the step took too long,
 * and what came of it is found anew.
 */
export function afterStep(
  entry: HookEntry,
  ended: { readonly by: string; readonly step: DoableStep; readonly outcome: StepOutcome },
  nowMs: number,
): HookEntry | undefined {
  const { work, ...rest } = entry;
  if (work?.by !== ended.by) return undefined;
  const { step, outcome } = ended;
  const now = { nowMs, isAskedAgain: work.isAskedAgain };
  const hooks = rest.hooks.map((hook) => (isSameHook(hook, step.hook) ? afterOutcome(hook, step, outcome, now) : hook));
  const settled = outcome.kind === 'created' ? withoutSuperseded(hooks, step.hook, outcome.hookId) : hooks;
  return { ...rest, hooks: forgetful(settled) };
}

type Failed = Extract<StepOutcome, { kind: 'failed' }>;

interface Now {
  readonly nowMs: number;
  readonly isAskedAgain: boolean;
}

function afterOutcome(hook: KnownHook, step: DoableStep, outcome: StepOutcome, now: Now): KnownHook {
  const since = toInstant(now.nowMs);
  switch (outcome.kind) {
    case 'created': {
      const { hookId, signedBy } = outcome;
      return { ...withoutFailure(hook), stage: 'there', hookId, signedBy, since };
    }
    case 'removed':
      return removed(hook, since);
    case 'failed':
      // It was about something that nobody wants any more.
      return hook.isWanted === step.hook.isWanted ? failed(refused(hook, step, outcome), outcome, now) : hook;
    case 'interrupted':
      return hook;
  }
}

/** One that is wanted again meanwhile is made anew. */
function removed(hook: KnownHook, since: string): KnownHook {
  const { hookId: _, signedBy: __, ...rest } = withoutFailure(hook);
  return { ...rest, stage: hook.isWanted ? 'planned' : 'gone', since };
}

/** What was refused for good, and never asked for before, is not there. */
function refused(hook: KnownHook, { kind, hook: before }: DoableStep, { retryable }: Failed): KnownHook {
  return kind === 'create' && before.stage === 'planned' && !retryable ? { ...hook, stage: 'planned' } : hook;
}

function failed(hook: KnownHook, outcome: Failed, now: Now): KnownHook {
  const { code, message, retryable, retryAfterMs } = outcome;
  const attempts = (hook.failure?.attempts ?? 0) + 1;
  const at = toInstant(now.nowMs);
  const since = hook.failure ? hook.since : at;
  const failure: HookFailure = { code, message, at, attempts, againAt: null };
  if (now.isAskedAgain) return { ...hook, since, failure: { ...failure, againAt: at } };
  const isOver = hook.isWanted ? !retryable : isGivenUp(attempts, retryable);
  if (!isOver) {
    const againAt = toInstant(now.nowMs + pauseMs(attempts, retryAfterMs));
    return { ...hook, since, failure: { ...failure, againAt } };
  }
  return hook.isWanted ? { ...hook, since, failure } : { ...hook, stage: 'gone', since: at, failure };
}

/**
 * A hook that was found is the same one as another entry's that called the same URL: as that it is not there any more. When
 * it was found only to be removed, the wanted one may have been changed by that, and is made sure of.
 */
function withoutSuperseded(hooks: readonly KnownHook[], found: KnownHook, hookId: string): readonly KnownHook[] {
  const isFoundOne = (hook: KnownHook): boolean => hook.hookId === hookId && hook.url === found.url;
  const wanted = hooks.find((hook) => hook.isWanted && isFoundOne(hook));
  if (!wanted) return hooks;
  const isChanged = !isSameHook(wanted, found);
  return hooks.flatMap((hook) => {
    if (hook === wanted) return [isChanged ? { ...hook, stage: 'unsure' as const } : hook];
    return isFoundOne(hook) && hook.stage !== 'gone' ? [] : [hook];
  });
}

/** Without what has been gone for longest. */
function forgetful(hooks: readonly KnownHook[]): readonly KnownHook[] {
  const gone = hooks
    .filter(({ stage }) => stage === 'gone')
    .toSorted((one, other) => (one.since < other.since ? 1 : -1));
  const forgotten = new Set(gone.slice(GONE_KEPT));
  return forgotten.size === 0 ? hooks : hooks.filter((hook) => !forgotten.has(hook));
}

import type { Plan } from '#libs/workflow-definition';
import { differencesOf } from './compare.ts';
import { DEFAULT_LIMITS, shown, type Difference, type DifferenceLimits } from './difference.ts';
import { stateOf, type Recording } from './recording.ts';
import { rerun, type Original } from './rerun.ts';

export type Replay =
  | { readonly same: true }
  | {
      readonly same: false;
      readonly differences: readonly Difference[];
      /** There are more of them. */
      readonly isCut: boolean;
    };

export interface ReplayedPlans {
  /** That the history was made with. */
  readonly own: Plan;
  /** That it is held against; default: its own. */
  readonly other?: Plan;
}

/**
 * Holds what a plan makes of the recorded results against what was recorded. Nothing outside is called, and the same
 * recording gives the same answer for ever.
 */
export function replay(
  recording: Recording,
  { own, other = own }: ReplayedPlans,
  limits: DifferenceLimits = DEFAULT_LIMITS,
): Replay {
  const recorded: Original = { plan: own, state: stateOf(recording), inputs: new Map() };
  const again = rerun(recording, own, recorded);
  const original = { ...recorded, inputs: again.inputs };
  const replayed = other === own ? again : rerun(recording, other, original);
  const differences: Difference[] = [];
  for (const { nodeId, kind, before, after } of differencesOf({
    original,
    plan: other,
    replayed,
    stored: recording.stored,
  })) {
    if (differences.length === limits.differences) return { same: false, differences, isCut: true };
    differences.push(shown(nodeId, kind, { before, after, limits }));
  }
  return differences.length === 0 ? { same: true } : { same: false, differences, isCut: false };
}

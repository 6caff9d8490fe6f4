import type { ResponseDrift } from '#libs/node-kit';
import type { ItemOutcome } from './commands.ts';
import type { RecordedDrift, ResponseDrifted } from './events.ts';

/** What one attempt may say of drift: texts in UTF-16 units, longer ones are cut. */
export const DRIFT_LIMITS = { entries: 20, pathLength: 256, typeLength: 64 } as const;

/** The fact, if there is anything to tell: answers were good enough to go on, and not as they should be. */
export function responseDrifted(
  { nodeId, attempt }: { readonly nodeId: string; readonly attempt: number },
  drift: readonly RecordedDrift[] = [],
): readonly ResponseDrifted[] {
  if (drift.length === 0) return [];
  const told = drift.slice(0, DRIFT_LIMITS.entries).map(({ path, expected, found, index }): RecordedDrift => ({
    ...(index === undefined ? {} : { index }),
    path: cut(path, DRIFT_LIMITS.pathLength),
    expected: cut(expected, DRIFT_LIMITS.typeLength),
    found: cut(found, DRIFT_LIMITS.typeLength),
  }));
  return [{ type: 'ResponseDrifted', data: { nodeId, attempt, drift: told } }];
}

/** Of the items of a batch, each entry with the index of its item. */
export function driftOfItems(outcomes: readonly ItemOutcome[]): readonly RecordedDrift[] {
  return outcomes.flatMap((outcome) => {
    const drift: readonly ResponseDrift[] = outcome.kind === 'succeeded' ? (outcome.drift ?? []) : [];
    return drift.map((one) => ({ ...one, index: outcome.index }));
  });
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).toWellFormed();
}

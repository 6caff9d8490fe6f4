import { z } from 'zod';

const grant = z.object({ executionId: z.string(), atMs: z.int() });

/** What a throttle gate gave that still counts: bounded, however high the limit is and however many wait. */
export const storedGrants = z.object({
  /** Beginnings close to each other counted together at the last of them, the oldest first. */
  beginnings: z.array(z.object({ atMs: z.int(), count: z.int().min(1) })).readonly(),
  /** The latest ones by name, so that who asks again hears the same. */
  latest: z.array(grant).readonly(),
});
export type Grants = z.output<typeof storedGrants>;

export const NO_GRANTS: Grants = { beginnings: [], latest: [] };

export interface ThrottleRule {
  readonly limit: number;
  readonly perMs: number;
}

/** Beginnings within this part of the window count together. It costs at most this part of the rate, and never more than the limit begin. */
const PARTS_OF_WINDOW = 200;

/** As many as may be asking at once; who asks again after so many others takes another place. */
const NAMED_GRANTS = 64;

/**
 * The instant at which the execution may begin: the first at or after `nowMs`, and after all that were given before, for
 * which no `perMs` has more than `limit` beginnings.
 */
export function throttle(
  grants: Grants,
  executionId: string,
  rule: ThrottleRule & { readonly nowMs: number },
): { readonly atMs: number; readonly grants: Grants } {
  const before = grants.latest.find((one) => one.executionId === executionId);
  if (before) return { atMs: before.atMs, grants };
  const atMs = Math.max(rule.nowMs, grants.beginnings.at(-1)?.atMs ?? 0, firstRoom(grants, rule));
  const beginnings = counted(stillCounting(grants, rule, atMs), atMs, Math.ceil(rule.perMs / PARTS_OF_WINDOW));
  return { atMs, grants: { beginnings, latest: [...grants.latest, { executionId, atMs }].slice(-NAMED_GRANTS) } };
}

/** When the last that is one too many leaves the window. */
function firstRoom({ beginnings }: Grants, { limit, perMs }: ThrottleRule): number {
  let inWindow = 0;
  for (const { atMs, count } of beginnings.toReversed()) {
    inWindow += count;
    if (inWindow >= limit) return atMs + perMs;
  }
  return 0;
}

/** Later ones begin at `atMs` at the earliest. */
function stillCounting({ beginnings }: Grants, { perMs }: ThrottleRule, atMs: number): Grants['beginnings'] {
  return beginnings.filter((one) => one.atMs > atMs - perMs);
}

function counted(beginnings: Grants['beginnings'], atMs: number, partMs: number): Grants['beginnings'] {
  const last = beginnings.at(-1);
  if (!last || Math.floor(last.atMs / partMs) !== Math.floor(atMs / partMs)) return [...beginnings, { atMs, count: 1 }];
  return [...beginnings.slice(0, -1), { atMs, count: last.count + 1 }];
}

import { z } from 'zod';
import { SOFT_BOUNCES } from './consequence.ts';

const softBounceSchema = z.object({
  mailKey: z.string(),
  /** When it was first told of, in epoch milliseconds. */
  atMs: z.number(),
});
/** A mail that came back and may not the next time. */
export type SoftBounce = Readonly<z.infer<typeof softBounceSchema>>;

const lastSchema = z.object({ last: z.array(softBounceSchema) });

/**
 * The mails that came back within the time up to this one, with it, oldest first; no more than have a consequence. The same
 * mail counts once, from when it was first told of, however often it is returned.
 */
export function withSoftBounce(before: readonly SoftBounce[], bounce: SoftBounce): readonly SoftBounce[] {
  const lately = before.filter(({ atMs }) => atMs > bounce.atMs - SOFT_BOUNCES.withinMs);
  if (lately.some(({ mailKey }) => mailKey === bounce.mailKey)) return lately;
  return [...lately, bounce].toSorted((one, other) => one.atMs - other.atMs).slice(-SOFT_BOUNCES.count);
}

export function encodeSoftBounces(last: readonly SoftBounce[]): string {
  return JSON.stringify({ last });
}

/** What can't be read is as good as forgotten: it would have been in a week. */
export function decodeSoftBounces(data: Uint8Array | undefined): readonly SoftBounce[] {
  if (!data || data.length === 0) return [];
  const parsed = lastSchema.safeParse(JSON.parse(new TextDecoder().decode(data)));
  return parsed.success ? parsed.data.last : [];
}

import type { z } from 'zod';
import { MillraceError } from '#libs/kernel';
import type { GateValues } from './ports.ts';

export interface Change<Value, Result> {
  readonly result: Result;
  /** Absent when the value stays as it is. */
  readonly value?: Value;
  readonly expiresAfterMs?: number;
}

/** Workers in one process take turns, so each conflict is with another process. */
export const MAX_CONFLICTS = 32;

/**
 * Decides on the value and writes what comes of it, again from the start when somebody else wrote meanwhile. Whatever
 * `decide` looks at was so after the value was read, and the value was not written in between.
 */
export async function changeValue<Value extends object, Result>(
  values: GateValues,
  { token, schema }: { readonly token: string; readonly schema: z.ZodType<Value> },
  decide: (value: Value | undefined) => Promise<Change<Value, Result>>,
): Promise<Result> {
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
    const { value, revision } = await values.read(token);
    const change = await decide(value === undefined ? undefined : schema.parse(value));
    if (change.value === undefined) return change.result;
    const { expiresAfterMs } = change;
    const at = { revision, ...(expiresAfterMs === undefined ? {} : { expiresAfterMs }) };
    if (await values.tryWrite(token, change.value, at)) return change.result;
  }
  const message = 'too many processes ask one gate for one key at once; each asks again';
  throw new MillraceError('unavailable', 'GATE_CONTENDED', message, { retryAfterMs: 1_000 });
}

import { z } from 'zod';

export type Context = z.core.$RefinementCtx<string>;

/** To be returned by what parses a variable. */
export function refuse(context: Context, message: string): never {
  context.issues.push({ code: 'custom', message, input: context.value });
  return z.NEVER;
}

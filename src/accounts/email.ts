import { z } from 'zod';

const address = z.email().max(254);

/**
 * The address as accounts keep and compare it: trimmed and in lower case (no mail provider of today tells the two
 * apart, and people type both). Undefined when it is none.
 */
export function tryParseEmail(text: string): string | undefined {
  const parsed = address.safeParse(text.trim().toLowerCase());
  return parsed.success ? parsed.data : undefined;
}

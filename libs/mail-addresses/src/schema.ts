import { z } from 'zod';
import { LONGEST_ADDRESS, tryParseAddress } from './parse-address.ts';

/** An address in a config; it stays the string that it is, `tryParseAddress` takes it apart. */
export const mailAddress = z
  .string()
  .max(LONGEST_ADDRESS)
  .superRefine((text, context) => {
    const parsed = tryParseAddress(text);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.problem });
  })
  .meta({
    title: 'Mail address',
    description: 'One address without a name, in ASCII; international domains as xn--….',
    examples: ['ann@example.com'],
  });

import { z } from 'zod';

/** A status, or all of a class such as `2xx`. */
export type ExpectedStatus = number | (typeof CLASSES)[number];

const CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const;

export const expectSchema: z.ZodType<readonly ExpectedStatus[]> = z
  .array(z.union([z.int().min(200).max(599), z.enum(CLASSES)]))
  .min(1)
  .max(100);

export function isExpected(
  status: number,
  { expect, followRedirects }: { readonly expect?: readonly ExpectedStatus[]; readonly followRedirects: boolean },
): boolean {
  if (expect) return expect.some((one) => one === status || one === `${Math.floor(status / 100)}xx`);
  return status >= 200 && status < (followRedirects ? 300 : 400);
}

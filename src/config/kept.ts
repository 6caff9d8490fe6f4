import { refuse, type Context } from './refuse.ts';

const HOUR_MS = 3_600_000;

/** `<count>h` or `<count>d`, in milliseconds. */
export function parseKept(text: string, context: Context): number {
  const [, count, unit] = /^([1-9]\d{0,3})([hd])$/.exec(text) ?? [];
  return count === undefined
    ? refuse(context, 'must be a number of hours or days, such as 12h or 30d')
    : Number(count) * (unit === 'd' ? 24 * HOUR_MS : HOUR_MS);
}

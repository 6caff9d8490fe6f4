import { z } from 'zod';

const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** In years that Postgres knows too, and as we write it: offsets beyond 15:59 and long fractions Postgres does not read. */
export const instantField = z.iso
  .datetime({ offset: true })
  .max(64)
  .refine((text) => {
    const ms = Date.parse(text);
    return ms >= EARLIEST_MS && ms <= LATEST_MS;
  }, 'must be in the years 1 to 9999')
  .transform((text) => new Date(text).toISOString());

/** Ids consist of these; Postgres takes no NUL. */
export const tokenField = z.string().regex(/^[\w.-]+$/, 'must be of letters, digits, ".", "_" and "-"');

/** Of a node, maybe with its version: `trigger.webhook`, `trigger.github@2`. */
export const nodeTypeField = z.string().regex(/^[\w.@-]+$/, 'must be of letters, digits, ".", "_", "-" and "@"');

import { z } from 'zod';
import { MillraceError } from '#libs/kernel';

/** A place in a list that is ordered by creation, newest first; stable while others are inserted before it. */
export interface PagePlace {
  readonly createdAt: string;
  readonly id: string;
}

/** `?limit=&cursor=` of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(512).optional(),
};

/** Years, fractions and letters that Postgres takes too: somebody may write a cursor of their own. */
const createdAt = z.iso
  .datetime()
  .max(64)
  .regex(/^[12]/)
  .transform((text) => new Date(text).toISOString());
const place = z.tuple([createdAt, z.string().regex(/^[\w-]{1,128}$/)]);

export function cursorOf({ createdAt, id }: PagePlace): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

/** The place that a cursor stands for. Throws for anything that `cursorOf` did not make. */
export function placeOf(cursor: string): PagePlace {
  const parsed = place.safeParse(tryParseJson(Buffer.from(cursor, 'base64url').toString()));
  if (parsed.success) return { createdAt: parsed.data[0], id: parsed.data[1] };
  throw invalidCursor();
}

export function invalidCursor(): MillraceError {
  const message = 'take the cursor from nextCursor of the page before, as it is';
  return new MillraceError('malformed', 'INVALID_CURSOR', message, {
    problems: [{ path: 'cursor', message: 'is not one of ours' }],
  });
}

/** What comes after the place that a cursor stands for, as MikroORM takes it; all of it without a cursor. */
export function after<Name extends string>(cursor: string | undefined, id: Name) {
  if (cursor === undefined) return {};
  const place = placeOf(cursor);
  const createdAt = new Date(place.createdAt);
  return { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, [id]: { $lt: place.id } }] };
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of a page of such items, as the routes answer it. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Give it as `cursor` to get the next page; null on the last.', example: null }),
  });
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** The page of `limit` out of `limit + 1` rows read: one more says whether there is a next. */
export function pageOf<Row extends PagePlace, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), nextCursor: rows.length > limit && last ? cursorOf(last) : null };
}

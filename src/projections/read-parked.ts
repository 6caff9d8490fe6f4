import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { toInstant } from '#libs/kernel';
import { listParked, type Database, type FoundParkedEvent, type ProjectionName } from '#libs/read-models';
import { invalidCursor, type Page } from '../platform/http/page.ts';
import { DATABASE } from '../read-models/tokens.ts';
import type { ListParkedQuery, ParkedEventView } from './projections.dto.ts';

/** In the order of the log, unlike other lists: what comes first is what the rest waits for. */
@Injectable()
export class ReadParked {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async list(projection: ProjectionName, { cursor, limit }: ListParkedQuery): Promise<Page<ParkedEventView>> {
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const found = await listParked(this.database, projection, { after, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return { items: shown.map(viewOf), nextCursor: found.length > limit && last ? cursorOf(last) : null };
  }
}

const place = z.tuple([z.string().regex(/^[\w-]{1,128}$/), z.int().min(0)]);

function cursorOf({ stream, sequence }: FoundParkedEvent): string {
  return Buffer.from(JSON.stringify([stream, sequence])).toString('base64url');
}

function placeOf(cursor: string): { readonly stream: string; readonly sequence: number } {
  const parsed = place.safeParse(tryParseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!parsed.success) throw invalidCursor();
  return { stream: parsed.data[0], sequence: parsed.data[1] };
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function viewOf({ stream, sequence, aggregateId, reason, parkedMs }: FoundParkedEvent): ParkedEventView {
  return { stream, sequence, aggregateId, reason, parkedAt: toInstant(Math.floor(parkedMs)) };
}

import { Injectable } from '@nestjs/common';
import { Circuits } from '#libs/destination-limits-jetstream';
import { toInstant, type WorkspaceId } from '#libs/kernel';
import { invalidCursor, type Page } from '../platform/http/page.ts';
import type { CircuitView } from './circuits.dto.ts';

/** A workspace's circuits as this process has heard of them, which takes milliseconds. */
@Injectable()
export class ReadCircuits {
  constructor(private readonly circuits: Circuits) {}

  /** By key: they come and go, so there is no order of creation that would hold. */
  list(workspaceId: WorkspaceId, { limit, cursor }: { limit: number; cursor?: string }): Page<CircuitView> {
    const after = cursor === undefined ? undefined : keyOf(cursor);
    const rest = this.circuits.list(workspaceId).filter(({ key }) => after === undefined || key > after);
    const items = rest.slice(0, limit).map(({ key, state, failures, openedAtMs, retryAtMs }) => ({
      key,
      state,
      failures,
      openedAt: instantOf(openedAtMs),
      retryAt: instantOf(retryAtMs),
    }));
    const last = items.at(-1);
    return { items, nextCursor: last && rest.length > limit ? cursorOf(last.key) : null };
  }
}

function instantOf(ms: number | null): string | null {
  return ms === null ? null : toInstant(ms);
}

function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function keyOf(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (key !== '' && cursorOf(key) === cursor) return key;
  throw invalidCursor();
}

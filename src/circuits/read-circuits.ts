import { Injectable } from '@nestjs/common';
import { Circuits } from '#libs/destination-limits-jetstream';
import { toInstant, type WorkspaceId } from '#libs/kernel';
import type { Page } from '../platform/http/page.ts';
import { pageByKey } from '../platform/http/page-by-key.ts';
import type { CircuitView, ListCircuitsQuery } from './circuits.dto.ts';

/** A workspace's circuits as this process has heard of them, which takes milliseconds. */
@Injectable()
export class ReadCircuits {
  constructor(private readonly circuits: Circuits) {}

  list(workspaceId: WorkspaceId, query: ListCircuitsQuery): Page<CircuitView> {
    return pageByKey(this.circuits.list(workspaceId), query, ({ key, state, failures, openedAtMs, retryAtMs }) => ({
      key,
      state,
      failures,
      openedAt: instantOf(openedAtMs),
      retryAt: instantOf(retryAtMs),
    }));
  }
}

function instantOf(ms: number | null): string | null {
  return ms === null ? null : toInstant(ms);
}

import type { NatsConfig } from '../../config/config.ts';

/** What an acknowledged write survives; printed at start and shown by `/health/ready`. */
export interface Durability {
  readonly replicas: number;
  /** `sync_interval` of the servers; `unknown` when they are not ours. */
  readonly sync: string;
  readonly guarantee: string;
}

export function durabilityOf(nats: NatsConfig, replicas: number): Durability {
  const sync = nats.kind === 'embedded' ? nats.sync : 'unknown';
  return { replicas, sync, guarantee: guaranteeOf(sync, replicas) };
}

function guaranteeOf(sync: string, replicas: number): string {
  const killed = 'a killed process loses nothing';
  if (sync === 'unknown') {
    return `${killed}; with ${replicas} replica(s) on your servers, a power cut loses what their sync_interval allows`;
  }
  if (replicas > 1) {
    const power =
      sync === 'always' ? 'of all servers loses nothing' : `of all servers at once can lose the last ${sync}`;
    const host = sync === 'always' ? '' : ' while the others stay up';
    return `${killed}; a crashed host loses nothing${host}; a power cut ${power}`;
  }
  return sync === 'always'
    ? `${killed}; a crashed host or a power cut loses nothing that was acknowledged; a lost disk loses everything`
    : `${killed}; a crashed host or a power cut can lose the last ${sync}; a lost disk loses everything`;
}

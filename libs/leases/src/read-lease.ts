import { StreamMissingError, type JetStreamConnection } from '#libs/jetstream';
import type { Instant, JsonObject } from '#libs/kernel';
import { readLeaseEntry } from './lease-entry.ts';

export interface LeaseHolding {
  readonly holder: string;
  /** When it was acquired, by the holder's clock. */
  readonly since: Instant;
  readonly token: number;
  /** What the holder told of its work with the last renewal. */
  readonly about: JsonObject;
}

/** Who holds a lease now, for who only asks; undefined when nobody does. It may change at any moment. */
export async function readLease(
  connection: JetStreamConnection,
  { key }: { readonly key: string },
): Promise<LeaseHolding | undefined> {
  try {
    const { lease, revision } = await readLeaseEntry(connection, key);
    return lease && { token: revision, ...lease };
  } catch (error) {
    // Nobody ever wanted one.
    if (error instanceof StreamMissingError) return undefined;
    throw error;
  }
}

import { LRUCache } from 'lru-cache';
import type { EventStore, StoredCommit } from '#libs/event-sourcing';
import { InvariantError, toInstant, type Clock } from '#libs/kernel';
import {
  chainEndOf,
  EMPTY_CHAIN,
  extendChain,
  parseStoredEnd,
  rootHexOf,
  storedEndOf,
  type ChainEnd,
} from './chain.ts';
import { isCheckpointSignedBy, signCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { AuditEntry, AuditFact } from './entry.ts';
import type { AuditEvent } from './event.ts';
import type { AuditKey, AuditSigner } from './keys.ts';
import { Mailbox } from './mailbox.ts';

export interface AuditLogParts {
  readonly store: EventStore<AuditEvent>;
  readonly signer: AuditSigner;
  /** Of the signer and of those before it. */
  readonly keys: readonly AuditKey[];
  readonly clock: Clock;
  readonly newCommitId: () => string;
}

/** Where a workspace's log ends, and the sequence of the message that says so. */
export interface AuditEnd {
  readonly checkpoint: Checkpoint;
  readonly sequence: number;
}

interface Tail {
  readonly end: ChainEnd;
  readonly sequence: number;
}

/** Workspaces whose mailbox and last known end are kept in memory. */
const MAX_MAILBOXES = 1_000;

/**
 * The audit logs of all workspaces. Entries are chained, so of one workspace only one append is under way: what comes
 * meanwhile goes into the next message together. Several processes may write; the store lets one of them be first.
 */
export class AuditLog {
  readonly #mailboxes = new LRUCache<string, Mailbox<Tail>>({ max: MAX_MAILBOXES });

  constructor(private readonly parts: AuditLogParts) {}

  get keys(): readonly AuditKey[] {
    return this.parts.keys;
  }

  /** The entry, once it is stored. Throws LogUnavailableError when it is not known to be. */
  append(workspaceId: string, fact: AuditFact): Promise<AuditEntry> {
    return this.#mailboxOf(workspaceId).append(fact);
  }

  /** Undefined while there are no entries. From the leader, as it is now. */
  async endOf(workspaceId: string): Promise<AuditEnd | undefined> {
    const commit = await this.parts.store.readLast(workspaceId, { fresh: true });
    return commit && { checkpoint: parseStoredEnd(commit.snapshot).checkpoint, sequence: commit.sequence };
  }

  /** The first `size` entries. */
  async *entries(workspaceId: string, size: number): AsyncGenerator<AuditEntry> {
    for await (const { events } of this.parts.store.readHistory(workspaceId)) {
      for (const { data } of events) {
        if (data.index >= size) return;
        yield data;
      }
    }
  }

  #mailboxOf(workspaceId: string): Mailbox<Tail> {
    const known = this.#mailboxes.get(workspaceId);
    if (known) return known;
    // One that is forgotten while it is at work does no harm: the guard of the store stands between two.
    const mailbox = new Mailbox<Tail>({
      readTail: async () => tailOf(await this.parts.store.readLast(workspaceId, { fresh: true }), this.parts.keys),
      append: (tail, facts) => this.#append(workspaceId, tail, facts),
    });
    this.#mailboxes.set(workspaceId, mailbox);
    return mailbox;
  }

  async #append(workspaceId: string, tail: Tail, facts: readonly AuditFact[]) {
    const { store, signer, clock, newCommitId } = this.parts;
    const at = toInstant(clock.nowMs());
    const { entries, end } = extendChain(tail.end, facts, at);
    const unsigned = { workspaceId, size: end.frontier.size, root: rootHexOf(end), at };
    const commit = {
      id: newCommitId(),
      aggregateId: workspaceId,
      firstVersion: tail.end.frontier.size + 1,
      at,
      events: entries.map((data) => ({ type: 'AuditEntryRecorded' as const, data })),
      snapshot: storedEndOf(end, signCheckpoint(unsigned, signer)),
    };
    const sequence = await store.append(commit, tail.sequence);
    return { entries, tail: { end, sequence } };
  }
}

/**
 * Throws InvariantError when the log was written by somebody without the key: nothing is signed that follows it. A key
 * that is not known any more can't be asked.
 */
function tailOf(commit: StoredCommit<AuditEvent> | undefined, keys: readonly AuditKey[]): Tail {
  const last = commit?.events.at(-1);
  if (!commit || !last) return { end: EMPTY_CHAIN, sequence: 0 };
  const stored = parseStoredEnd(commit.snapshot);
  const { checkpoint } = stored;
  const key = keys.find(({ keyId }) => keyId === checkpoint.keyId);
  if (checkpoint.workspaceId !== commit.aggregateId || (key && !isCheckpointSignedBy(key, checkpoint)))
    throw new InvariantError(`the last checkpoint of the audit log of ${commit.aggregateId} is not signed by us`);
  return { end: chainEndOf(stored, last.data), sequence: commit.sequence };
}

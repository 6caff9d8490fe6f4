import type { Instant } from '#libs/kernel';
import { createHash } from 'node:crypto';
import type { Checkpoint } from './types.ts';

/** A mailbox as it was opened. */
export interface OpenMailbox {
  readonly uidValidity: string;
  /** The number that the next message will have, where the server says it. */
  readonly uidNext?: number;
  /** Undefined in an empty mailbox. */
  readonly newest?: { readonly uid: number; readonly internalDate?: Instant };
}

const REMEMBERED = 500;

export function fingerprintOf(raw: Uint8Array): string {
  return createHash('sha256').update(raw).digest('base64url');
}

/** Where a mailbox begins that was never watched. */
export function beginningOf(mailbox: OpenMailbox, from: 'newest' | 'beginning'): Checkpoint {
  const { uidValidity, newest } = mailbox;
  if (from === 'beginning') return { uidValidity, lastUid: 0 };
  const since = newest?.internalDate;
  return { uidValidity, lastUid: nextUidOf(mailbox) - 1, ...(since === undefined ? {} : { since }) };
}

/**
 * Whether numbers mean other messages than they did. A mailbox that was restored from a copy may keep its UIDVALIDITY and give
 * out numbers again, which RFC 3501 forbids.
 */
export function isRenumbered(checkpoint: Checkpoint, { uidValidity, uidNext }: OpenMailbox): boolean {
  return checkpoint.uidValidity !== uidValidity || (uidNext !== undefined && uidNext <= checkpoint.lastUid);
}

/** Begins anew with the new numbers, and remembers what it knows of the messages behind them. */
export function renumbered({ fingerprints, since }: Checkpoint, mailbox: OpenMailbox): Checkpoint {
  return {
    uidValidity: mailbox.uidValidity,
    lastUid: 0,
    renumberedBelow: nextUidOf(mailbox),
    ...(fingerprints ? { fingerprints } : {}),
    ...(since === undefined ? {} : { since }),
  };
}

/** Whether a message was there before anybody watched, under another number. */
export function isFromBefore(
  { renumberedBelow = 0, since }: Checkpoint,
  { uid, internalDate }: { readonly uid: number; readonly internalDate: Instant | undefined },
): boolean {
  return uid < renumberedBelow && since !== undefined && internalDate !== undefined && internalDate < since;
}

/** Whether a message was delivered before, under another number. */
export function isDelivered(
  { renumberedBelow = 0, fingerprints = [] }: Checkpoint,
  { uid, fingerprint }: { readonly uid: number; readonly fingerprint: string },
): boolean {
  return uid < renumberedBelow && fingerprints.includes(fingerprint);
}

/** What comes after delivery was done to the last message. */
export function finished({ isUnfinished: _, ...rest }: Checkpoint): Checkpoint {
  return rest;
}

/** After a message that was handed on, or passed over. */
export function passed(
  checkpoint: Checkpoint,
  uid: number,
  delivered?: { readonly fingerprint: string; readonly isUnfinished: boolean },
): Checkpoint {
  const { renumberedBelow, ...rest } = finished(checkpoint);
  const remembered = delivered ? [...(rest.fingerprints ?? []), delivered.fingerprint].slice(-REMEMBERED) : undefined;
  return {
    ...rest,
    lastUid: uid,
    ...(remembered ? { fingerprints: remembered } : {}),
    ...(renumberedBelow !== undefined && uid + 1 < renumberedBelow ? { renumberedBelow } : {}),
    ...(delivered?.isUnfinished ? { isUnfinished: true } : {}),
  };
}

function nextUidOf({ uidNext, newest }: OpenMailbox): number {
  return uidNext ?? (newest?.uid ?? 0) + 1;
}

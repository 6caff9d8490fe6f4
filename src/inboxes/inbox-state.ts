import { createHash } from 'node:crypto';
import type { Checkpoint, InboxServer } from '#libs/imap-inbox';
import { z } from 'zod';

/** How a mailbox is doing, as it is stored for others to read. */
export const inboxState = z.object({
  kind: z.enum(['watching', 'waiting', 'refused']),
  /** Why it is not watched; null while it is. */
  code: z.string().nullable(),
  message: z.string().nullable(),
  since: z.string(),
});
export type StoredInboxState = Readonly<z.infer<typeof inboxState>>;

const storedCheckpoint = z.object({
  uidValidity: z.string(),
  lastUid: z.number(),
  fingerprints: z.array(z.string()).readonly().exactOptional(),
  since: z.string().exactOptional(),
  renumberedBelow: z.number().exactOptional(),
  isUnfinished: z.literal(true).exactOptional(),
  /** Of which mailbox it is: a trigger may be pointed at another one. */
  of: z.string().exactOptional(),
});

/** Undefined when it is of another mailbox. */
export function parseCheckpoint(data: Uint8Array, mailboxId: string): Checkpoint | undefined {
  const { of, ...checkpoint } = storedCheckpoint.parse(JSON.parse(new TextDecoder().decode(data)));
  return of === mailboxId ? checkpoint : undefined;
}

export function serialiseCheckpoint(checkpoint: Checkpoint, mailboxId: string): string {
  return JSON.stringify({ ...checkpoint, of: mailboxId });
}

/** Tells a mailbox from all others. The two usual ports of a server lead to the same mailboxes. */
export function mailboxIdOf(
  { host, port, username }: Pick<InboxServer, 'host' | 'port' | 'username'>,
  mailbox: string,
): string {
  const place = [host.toLowerCase(), port === 143 ? 993 : port, username, mailbox];
  return createHash('sha256').update(JSON.stringify(place)).digest('base64url');
}

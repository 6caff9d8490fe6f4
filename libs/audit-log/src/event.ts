import { z } from 'zod';
import { createCommitCodec, type CommitCodec } from '#libs/event-store-jetstream';
import type { DomainEvent } from '#libs/event-sourcing';
import { auditEntrySchema, type AuditEntry } from './entry.ts';

/** An entry as an event of its workspace's history: its version is its index and one. */
export type AuditEvent = DomainEvent<'AuditEntryRecorded', AuditEntry>;

const auditEventSchema = z.object({ type: z.literal('AuditEntryRecorded'), data: auditEntrySchema });

export function createAuditCodec(): CommitCodec<AuditEvent> {
  return createCommitCodec<AuditEvent>(auditEventSchema);
}

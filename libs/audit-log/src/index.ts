export { AuditLog, type AuditEnd, type AuditLogParts } from './audit-log.ts';
export { type Checkpoint } from './checkpoint.ts';
export type { AuditActor, AuditEntry, AuditFact, Summary } from './entry.ts';
export { createAuditCodec, type AuditEvent } from './event.ts';
export { createAuditSigner, type AuditKey, type AuditSigner } from './keys.ts';
export { AUDIT_STREAM, auditLayout } from './layout.ts';

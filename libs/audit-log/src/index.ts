export { AuditLog, type AuditEnd, type AuditLogParts } from './audit-log.ts';
export type { Checkpoint } from './checkpoint.ts';
export { auditEntrySchema, type AuditActor, type AuditEntry, type AuditFact, type Summary } from './entry.ts';
export { createAuditCodec, type AuditEvent } from './event.ts';
export {
  consistencySchema,
  exportHeaderSchema,
  inclusionSchema,
  type Consistency,
  type ExportHeader,
  type Inclusion,
} from './formats.ts';
export { fromHex, hashOfEntry, lineOf, toHex, treeHasher } from './hashing.ts';
export { createAuditSigner, type AuditKey, type AuditSigner } from './keys.ts';
export { AUDIT_STREAM, auditLayout } from './layout.ts';
export { splitLines } from './lines.ts';
export type { Verdict, VerifyProblem } from './verdict.ts';
export { verifyAudit, type OpenLines, type VerifyOptions } from './verify.ts';

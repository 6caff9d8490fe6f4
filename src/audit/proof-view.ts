import { z } from 'zod';
import { consistencySchema, inclusionSchema } from '#libs/audit-log';

const anyEntry = z
  .record(z.string(), z.unknown())
  .meta({ description: 'The entry as it is hashed, in any order of keys.' });

export const auditProof = z
  .union([
    inclusionSchema
      .extend({ entry: anyEntry })
      .meta({ id: 'AuditInclusion', description: 'That an entry is in the log.' }),
    consistencySchema.meta({ id: 'AuditConsistency', description: 'That the log began with so many entries.' }),
  ])
  .meta({ description: 'A proof against the newest checkpoint.' });

export const auditExport = z.string().meta({
  description: 'The first line has `format`, `keys` and `checkpoint`; each other one is an entry in canonical JSON.',
});

import { z } from 'zod';
import { consistencySchema, inclusionSchema } from '#libs/audit-log';

const anyEntry = z
  .record(z.string(), z.unknown())
  .meta({ description: 'The entry as it is hashed, in any order of keys.' });

const key = 'b7a3c12dc0c8c748ab07525b701122b88bd78f600c76342d27f25e5f92444cde';
const root = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
const sibling = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d';
const EXAMPLE = {
  workspaceId: 'ws_01jd8z6q5t',
  keys: [{ keyId: key, algorithm: 'Ed25519', publicKey: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
  checkpoint: {
    workspaceId: 'ws_01jd8z6q5t',
    size: 2,
    root,
    at: '2026-11-28T10:00:00.000Z',
    keyId: key,
    signature: '5V4Bg2SpCwY8Bj0XCeXwgsJ2ZCr3XkBMrXQyn4fJkOL5sYhFfWBcBgyTzyvhUHGuFQJcIlI2bJ6XDpmRLj9ZAQ',
  },
};

export const auditProof = z
  .union([
    inclusionSchema
      .extend({ entry: anyEntry })
      .meta({ id: 'AuditInclusion', description: 'That an entry is in the log.' }),
    consistencySchema.meta({ id: 'AuditConsistency', description: 'That the log began with so many entries.' }),
  ])
  .meta({
    description: 'A proof against the newest checkpoint.',
    examples: [{ format: 'millrace.audit.consistency/v1', ...EXAMPLE, from: 1, fromRoot: sibling, path: [root] }],
  });

export const auditExport = z.string().meta({
  description:
    'The first line has `format`, `workspaceId`, `keys` and `checkpoint`; each other one is an entry in canonical JSON.',
  examples: [`${JSON.stringify({ format: 'millrace.audit.export/v1', ...EXAMPLE })}\n`],
});

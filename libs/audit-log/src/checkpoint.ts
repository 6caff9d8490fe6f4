import { z } from 'zod';
import { digestField } from './entry.ts';
import { isSignedBy, type AuditKey, type AuditSigner } from './keys.ts';

/** What the installation says of a workspace's log at one moment, signed. */
export const checkpointSchema = z.object({
  workspaceId: z.string().max(128),
  /** How many entries there are. */
  size: z.int().min(0),
  /** Of the tree over their hashes. */
  root: digestField,
  at: z.string().max(64),
  keyId: digestField,
  /** Ed25519, base64url. */
  signature: z.string().max(128),
});
export type Checkpoint = z.output<typeof checkpointSchema>;
export type UnsignedCheckpoint = Pick<Checkpoint, 'workspaceId' | 'size' | 'root' | 'at'>;

/** What is signed: these lines, each ended by a line feed. A field never holds one. */
export function textOfCheckpoint({ workspaceId, size, root, at }: UnsignedCheckpoint): string {
  return ['millrace audit checkpoint v1', workspaceId, String(size), root, at].map((line) => `${line}\n`).join('');
}

export function signCheckpoint(checkpoint: UnsignedCheckpoint, signer: AuditSigner): Checkpoint {
  return { ...checkpoint, keyId: signer.key.keyId, signature: signer.sign(textOfCheckpoint(checkpoint)) };
}

export function isCheckpointSignedBy(key: AuditKey, checkpoint: Checkpoint): boolean {
  return key.keyId === checkpoint.keyId && isSignedBy(key, textOfCheckpoint(checkpoint), checkpoint.signature);
}

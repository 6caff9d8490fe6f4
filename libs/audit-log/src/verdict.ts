import { isCheckpointSignedBy, type Checkpoint } from './checkpoint.ts';
import { isSound, type AuditKey } from './keys.ts';

export const VERIFY_CODES = [
  'KEY_UNKNOWN',
  'KEY_FORGED',
  'KEY_NOT_TRUSTED',
  'SIGNATURE_WRONG',
  'OTHER_WORKSPACE',
  'ENTRY_UNREADABLE',
  'ENTRY_MISSING',
  'ENTRY_MISPLACED',
  'ENTRY_CHANGED',
  'ENTRY_ADDED',
  'TAIL_CUT',
  'ROOT_DIFFERS',
  'HISTORY_REWRITTEN',
  'PROOF_WRONG',
] as const;

/** The first thing that is wrong. */
export interface VerifyProblem {
  readonly code: (typeof VERIFY_CODES)[number];
  /** Of the first bad entry; null when it is not about one. */
  readonly index: number | null;
  readonly message: string;
}

export interface Verdict {
  readonly format: string;
  readonly workspaceId: string;
  readonly checkpoint: Checkpoint;
  /** Whether the key of the signature is one that the caller named; without that, whoever made the file may have made the key. */
  readonly isKeyPinned: boolean;
  /** That were read. */
  readonly entries: number;
  readonly problem: VerifyProblem | null;
}

/** A checkpoint with the keys that came with it. */
export interface Signed {
  readonly workspaceId: string;
  readonly keys: readonly AuditKey[];
  readonly checkpoint: Checkpoint;
}

/** What is wrong with the checkpoint itself. `trusted`: fingerprints; undefined when the caller named none. */
export function problemOfCheckpoint(
  { workspaceId, keys, checkpoint }: Signed,
  trusted: ReadonlySet<string> | undefined,
): VerifyProblem | undefined {
  const problem = (code: VerifyProblem['code'], message: string): VerifyProblem => ({ code, index: null, message });
  const key = keys.find(({ keyId }) => keyId === checkpoint.keyId);
  if (!key)
    return problem('KEY_UNKNOWN', `the checkpoint is signed by the key ${checkpoint.keyId}, which is not there`);
  if (!isSound(key)) return problem('KEY_FORGED', `the key that calls itself ${key.keyId} is another one`);
  if (trusted && !trusted.has(key.keyId))
    return problem('KEY_NOT_TRUSTED', `the checkpoint is signed by the key ${key.keyId}, which is none of those given`);
  if (!isCheckpointSignedBy(key, checkpoint))
    return problem('SIGNATURE_WRONG', 'the checkpoint, or its signature, was changed');
  return workspaceId === checkpoint.workspaceId
    ? undefined
    : problem('OTHER_WORKSPACE', `the checkpoint is of the workspace ${checkpoint.workspaceId}`);
}

import { createHash } from 'node:crypto';
import type { Gate } from '#libs/execution-engine';

/** Subjects take neither every text nor a long one; kinds of gates may have the same keys. */
export function tokenOf({ kind, key }: Pick<Gate, 'kind' | 'key'>): string {
  return createHash('sha256').update(`${kind} ${key}`).digest('base64url');
}

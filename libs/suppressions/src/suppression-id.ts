import { createHash } from 'node:crypto';
import type { SuppressionId } from '#libs/kernel';
import { addressKeyOf } from '#libs/mail-addresses';

/** One for each address and topic of a workspace, in whatever case the address is written. */
export function suppressionIdOf(workspaceId: string, address: string, topic: string | null): SuppressionId {
  const digest = createHash('sha256').update(JSON.stringify([workspaceId, addressKeyOf(address), topic]));
  return `sup_${digest.digest('hex').slice(0, 32)}` as SuppressionId;
}

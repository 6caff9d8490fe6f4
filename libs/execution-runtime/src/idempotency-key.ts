import { createHash } from 'node:crypto';

/**
 * What an outside system knows a repeated attempt by: follows from the execution, the node and the item, not from the
 * attempt. A digest, so that it tells nothing about them; 43 letters, digits, `-` and `_`.
 */
export function idempotencyKeyOf(
  { executionId, nodeId }: { readonly executionId: string; readonly nodeId: string },
  index: number | undefined,
): string {
  const names = [executionId, nodeId, ...(index === undefined ? [] : [index])];
  return createHash('sha256').update(JSON.stringify(names)).digest('base64url');
}

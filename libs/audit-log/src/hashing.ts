import { createHash } from 'node:crypto';
import { createTreeHasher, type Digest } from '#libs/merkle-tree';
import { canonicalJson } from '#libs/workflow-definition';

export const treeHasher = createTreeHasher((bytes) => createHash('sha256').update(bytes).digest());

/** `previous` of the first entry. */
export const NOTHING_BEFORE = '0'.repeat(64);

/** The entry as it is hashed and exported: JSON in the one form that its content has (RFC 8785). */
export function lineOf(entry: object): string {
  return canonicalJson(entry);
}

/** SHA-256 over a zero byte and the line: the leaf of the tree, and what the next entry has as `previous`. */
export function hashOfLine(line: string): Digest {
  return treeHasher.leaf(Buffer.from(line));
}

export function toHex(digest: Digest): string {
  return Buffer.from(digest).toString('hex');
}

export function fromHex(hex: string): Digest {
  return Buffer.from(hex, 'hex');
}

/** Of the entry as it is stored. */
export function hashOfEntry(entry: object): Digest {
  return hashOfLine(lineOf(entry));
}

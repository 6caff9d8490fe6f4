/** 32 bytes when the hash is SHA-256. */
export type Digest = Uint8Array;

/** The three hashes of a tree. Their prefixes keep a leaf from ever being taken for a node (RFC 9162, 2.1.1). */
export interface TreeHasher {
  /** The root of a tree without leaves. */
  readonly empty: Digest;
  leaf(data: Uint8Array): Digest;
  node(left: Digest, right: Digest): Digest;
}

const LEAF = 0x00;
const NODE = 0x01;

export function createTreeHasher(hash: (bytes: Uint8Array) => Digest): TreeHasher {
  return {
    empty: hash(new Uint8Array()),
    leaf: (data) => hash(joined(LEAF, data)),
    node: (left, right) => hash(joined(NODE, left, right)),
  };
}

function joined(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 1));
  all[0] = prefix;
  let place = 1;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

export function isSameDigest(one: Digest, other: Digest): boolean {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

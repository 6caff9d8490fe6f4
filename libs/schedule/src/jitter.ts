const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TWO_TO_32 = 4_294_967_296;

/**
 * How much later than its slot a schedule starts: from 0 to below `jitterMs`, evenly spread over seeds and slots, and always the same
 * for the same seed and slot, so that whoever fires a slot agrees.
 */
export function jitterMsOf(seed: string, slotMs: number, jitterMs: number): number {
  return Math.floor((hash(`${seed}:${slotMs}`) / TWO_TO_32) * jitterMs);
}

/** FNV-1a, and the last steps of MurmurHash3: FNV's upper bits alone hardly differ for texts that end differently. */
function hash(text: string): number {
  let sum = FNV_OFFSET;
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), FNV_PRIME);
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) >>> 0;
}

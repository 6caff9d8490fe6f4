/** Crockford's 32 in lower case: mail servers on the way may change the case of an address. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** Of 5 bits: 130 bits can't be guessed. */
const LENGTH = 26;

/** The first bytes of a digest as letters; each byte gives one. */
export function lettersOf(digest: Uint8Array): string {
  return Array.from(digest.subarray(0, LENGTH), (byte) => ALPHABET.charAt(byte & 31)).join('');
}

export function areLetters(text: string): boolean {
  return text.length === LENGTH && [...text].every((letter) => ALPHABET.includes(letter));
}

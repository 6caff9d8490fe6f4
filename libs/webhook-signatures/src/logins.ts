import { headerOf } from './call-headers.ts';
import { isSame } from './compare.ts';
import type { BearerConfig, Verifier } from './types.ts';

/** `Authorization: Basic <base64 of name:password>` (RFC 7617). */
export function basicVerifier({ username, password }: { username: string; password: string }): Verifier {
  const expected = `${username}:${password}`;
  return (call) => {
    const given = afterScheme(headerOf(call, 'authorization'), 'basic');
    if (given === undefined) return 'missing';
    return isSame(expected, Buffer.from(given, 'base64')) ? undefined : 'mismatch';
  };
}

/** `Authorization: Bearer <token>` (RFC 6750), or the token alone in a header of the sender's own. */
export function bearerVerifier(tokens: readonly string[], { header }: Pick<BearerConfig, 'header'>): Verifier {
  return (call) => {
    const given =
      header === undefined ? afterScheme(headerOf(call, 'authorization'), 'bearer') : headerOf(call, header);
    if (given === undefined) return 'missing';
    const same = tokens.map((token) => isSame(token, given));
    return same.includes(true) ? undefined : 'mismatch';
  };
}

function afterScheme(header: string | undefined, scheme: string): string | undefined {
  const [name = '', value] = (header ?? '').split(' ', 2);
  return name.toLowerCase() === scheme && value ? value : undefined;
}

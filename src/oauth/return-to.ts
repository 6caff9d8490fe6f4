/** Of the page that a browser is sent to afterwards. */
const LONGEST = 2_048;

/**
 * Where a browser may be sent to when the account is connected: an address of this installation, or of a page that may
 * read its API. Undefined for any other, whatever a browser would make of it: `//evil`, `/\\evil`, `https:evil`.
 */
export function returnAddress(written: string, origins: readonly string[]): URL | undefined {
  const address = isPlain(written) ? URL.parse(written, origins[0]) : null;
  if (!address || address.username !== '' || address.password !== '') return undefined;
  return origins.includes(address.origin) ? address : undefined;
}

/** Browsers take tabs and line ends out of an address, a backslash for a slash, and add slashes that are missing. */
function isPlain(written: string): boolean {
  if (written.length > LONGEST || /[\\\p{Cc}\s]/u.test(written)) return false;
  return /^\/(?!\/)/.test(written) || /^https?:\/\/[^/]/i.test(written);
}

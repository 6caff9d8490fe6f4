/** Of the page that a browser is sent to afterwards. */
const LONGEST = 2_048;

/**
 * Where a browser may be sent to when the account is connected: an address of this installation, or of a page that may
 * read its API. Undefined for any other, whatever a browser would make of it: `//evil`, `/\\evil`, `https:evil`.
 */
export function returnAddress(written: string, origins: readonly string[]): URL | undefined {
  const [own = ''] = origins;
  // Browsers take tabs and line ends out of an address, and a backslash for a slash.
  if (written.length > LONGEST || /[\\\p{Cc}\s]/u.test(written)) return undefined;
  const isPath = written.startsWith('/') && !written.startsWith('//');
  if (!isPath && !/^https?:\/\/[^/]/i.test(written)) return undefined;
  const address = URL.parse(written, own);
  if (!address || address.username !== '' || address.password !== '') return undefined;
  return origins.includes(address.origin) ? address : undefined;
}

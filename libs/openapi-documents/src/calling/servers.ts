import type { Operation } from '../types.ts';

/** The URL in front of the path: what is wanted, or the first of the document's that is whole. Undefined when there is none. */
export function serverFor({ servers }: Operation, wanted: string | undefined): string | undefined {
  return wanted ?? servers.find(({ url }) => serverProblem(url) === undefined)?.url;
}

/** Why no call can go to a server of this URL, or undefined. */
export function serverProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return 'must be a URL that begins with http:// or https://';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password';
  return url.search === '' && url.hash === '' ? undefined : 'must not have a query or a fragment';
}

/** Where a call goes. The server must have no problem. */
export function urlAt(server: string, target: string): string {
  const { origin, pathname } = new URL(server);
  return `${origin}${pathname.replace(/\/+$/, '')}${target}`;
}

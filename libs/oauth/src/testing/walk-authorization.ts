const MAX_STEPS = 10;

/**
 * Goes where a browser would go from an authorization URL, with cookies, and resolves with the URL of the callback
 * without asking for it. The person consents, or says no with `refuse`. Rejects when a page is shown instead.
 */
export async function walkAuthorization(url: string, options: { readonly refuse?: boolean } = {}): Promise<URL> {
  const callback = new URL(url).searchParams.get('redirect_uri') ?? '';
  const cookies = new Map<string, string>();
  let next = new URL(url);
  for (let step = 0; step < MAX_STEPS; step++) {
    const location = await locationOf(next, cookies);
    next = new URL(location, next);
    if (`${next.origin}${next.pathname}` === callback) return next;
    if (options.refuse === true && next.pathname.startsWith('/interaction/')) next.search = '?refuse';
  }
  throw new Error(`no callback after ${MAX_STEPS} steps`);
}

async function locationOf(url: URL, cookies: Map<string, string>): Promise<string> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
  for (const set of response.headers.getSetCookie()) keep(cookies, set);
  const location = response.headers.get('location');
  if (location === null) throw new Error(`the provider shows a page: ${response.status} ${await response.text()}`);
  return location;
}

function keep(cookies: Map<string, string>, set: string): void {
  const [pair = ''] = set.split(';');
  const at = pair.indexOf('=');
  const value = pair.slice(at + 1);
  if (value === '') cookies.delete(pair.slice(0, at));
  else cookies.set(pair.slice(0, at), value);
}

import type { HttpRequestConfig } from './config.ts';

/**
 * `host:port` of the URL, behind `credentialId@` where there is one: a limit holds for an account at a host, and a host
 * that fails must not hold back others that the same credential is for. Redirects are followed under the first name.
 */
export function destinationOf({
  url,
  credentialId,
}: Pick<HttpRequestConfig, 'url' | 'credentialId'>): string | undefined {
  const parsed = URL.parse(url);
  if (!parsed?.hostname) return undefined;
  const port = parsed.port || (parsed.protocol === 'https:' ? '443' : '80');
  const authority = `${parsed.hostname}:${port}`;
  return credentialId === undefined ? authority : `${credentialId}@${authority}`;
}

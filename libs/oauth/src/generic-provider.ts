import type { Problem } from '#libs/kernel';
import type { OAuthEndpoints, OAuthProvider } from './types.ts';

/** Parameters of the authorization request that are ours alone. */
const OURS: readonly string[] = [
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'redirect_uri',
  'request',
  'request_uri',
  'response_type',
  'scope',
  'state',
];

/** A provider that a person describes. Throws TypeError with the first of `problemsOfEndpoints`. */
export function genericProvider(endpoints: OAuthEndpoints): OAuthProvider {
  const [problem] = problemsOfEndpoints(endpoints);
  if (problem) throw new TypeError(`${problem.path} ${problem.message}`);
  return {
    name: 'generic',
    title: 'OAuth 2',
    scopeSeparator: ' ',
    clientAuthentication: 'basic',
    authorizeParameters: {},
    ...given(endpoints),
    tokenHosts: [],
    revocation: endpoints.revocationEndpoint === undefined ? 'none' : 'rfc7009',
  };
}

/** Without the fields that are there and undefined, which would take the place of a default. */
function given(endpoints: OAuthEndpoints): OAuthEndpoints {
  const { authorizationEndpoint, tokenEndpoint, ...optional } = endpoints;
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { authorizationEndpoint, tokenEndpoint, ...Object.fromEntries(present) };
}

/** What is wrong with endpoints that a person gave, each with the field that it is in. */
export function problemsOfEndpoints(endpoints: OAuthEndpoints): readonly Problem[] {
  const fields = ['authorizationEndpoint', 'tokenEndpoint', 'revocationEndpoint'] as const;
  const problems = fields.flatMap((path): Problem[] => {
    const message = endpoints[path] === undefined ? undefined : problemOfUrl(endpoints[path]);
    return message === undefined ? [] : [{ path, message }];
  });
  const taken = Object.keys(endpoints.authorizeParameters ?? {}).find((name) => OURS.includes(name));
  if (taken !== undefined) problems.push({ path: 'authorizeParameters', message: `must not hold ${taken}` });
  if (endpoints.issuerRequired === true && endpoints.issuer === undefined)
    problems.push({ path: 'issuer', message: 'must be given when it is required' });
  return problems;
}

function problemOfUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url) return 'must be a URL';
  if (url.protocol !== 'https:' && !isLoopbackHttp(url)) return 'must be an https URL';
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return 'must not hold a user, password or fragment';
  const taken = OURS.find((name) => url.searchParams.has(name));
  return taken === undefined ? undefined : `must not hold the parameter ${taken}`;
}

/** Where plain http is no risk: it does not leave the machine. */
export function isLoopbackHttp(url: URL): boolean {
  return url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}

import type { JsonValue } from '#libs/kernel';
import type { OutboundHttp, OutboundRequest, OutboundResponse } from '#libs/outbound-http';
import type { Access } from './access.ts';
import type { AnswerHeaders } from './rate-limits.ts';

/** Shorter ones stand in texts that have nothing to do with them, and GitHub has none. */
const SHORTEST_SECRET = 8;
/** The method stays; after the others it would be GET, and a POST would look as if it had been done. */
const SAME_METHOD = new Set([307, 308]);
const MOST_REDIRECTS = 3;

/**
 * The HTTP client, with the token of an access on each request and none in what comes back. A token that is refused is
 * renewed once.
 */
export function authorizedHttp(
  http: OutboundHttp,
  access: Access,
  onAnswer: (status: number, headers: AnswerHeaders) => void,
): OutboundHttp {
  const sendWith = async (request: OutboundRequest, token: string): Promise<OutboundResponse> => {
    const secret = { headers: { authorization: `Bearer ${token}` }, mayBeSentTo: access.mayBeSentTo };
    const response = await followed(http, { ...request, secret });
    onAnswer(response.status, headersOf(response));
    return { ...response, body: withoutSecret(response.body, token) };
  };
  return {
    request: async (request) => {
      const token = await access.token();
      const response = await sendWith(request, token);
      if (response.status !== 401) return response;
      const other = await access.renewed(token);
      return other === undefined ? response : sendWith(request, other);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A repository that has another name now is found by a redirect. */
async function followed(http: OutboundHttp, request: OutboundRequest): Promise<OutboundResponse> {
  if (request.method === 'GET' || request.method === 'HEAD') return http.request(request);
  let { url } = request;
  for (let redirects = 0; ; redirects++) {
    const response = await http.request({ ...request, url, followRedirects: false });
    const next = SAME_METHOD.has(response.status) ? URL.parse(String(response.headers.location), url) : null;
    if (!next || next.origin !== new URL(url).origin || redirects >= MOST_REDIRECTS) return response;
    url = next.href;
  }
}

/** The token of an app is no part of its credential, so nobody else takes it out. */
function withoutSecret(body: Buffer, token: string): Buffer {
  if (token.length < SHORTEST_SECRET || !body.includes(token)) return body;
  // Each byte is a letter of its own, so that what is not text stays as it is.
  return Buffer.from(body.toString('latin1').replaceAll(token, '[secret]'), 'latin1');
}

export function headersOf({ headers }: OutboundResponse): AnswerHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}

/** Null for what is no JSON. */
export function jsonIn(body: Buffer): JsonValue {
  try {
    return JSON.parse(body.toString('utf8')) as JsonValue;
  } catch {
    return null;
  }
}

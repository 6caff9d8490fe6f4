import type { Clock, JsonValue } from '#libs/kernel';
import { defineNodeType, type AttemptContext, type NodeType } from '#libs/node-kit';
import type { OutboundHttp, OutboundResponse, SecretHeaders } from '#libs/outbound-http';
import { checkHttpRequest, httpRequestConfigSchema, type HttpRequestConfig } from './config.ts';
import { destinationOf } from './destination.ts';
import { nodeErrorOf, statusError } from './failures.ts';
import { requestParts, type RequestParts } from './request-parts.ts';
import { decodeResponseBody } from './response-body.ts';
import { secretHeadersOf } from './secret-headers.ts';

/** Above every time-out that a node may have: the attempt's signal is what ends a request. */
const LONGEST_ATTEMPT_MS = 86_400_000;

export interface HttpRequestDependencies {
  readonly http: OutboundHttp;
  /** Only to turn a Retry-After date into a delay. */
  readonly clock: Clock;
  /** Of Millrace, for the User-Agent header. */
  readonly version: string;
}

export function httpRequestNode(dependencies: HttpRequestDependencies): NodeType {
  return defineNodeType<HttpRequestConfig>({
    type: 'http.request',
    kind: 'action',
    title: 'HTTP request',
    description: 'Calls an HTTP server; its output is the status, headers and body of the answer.',
    runs: 'executor',
    executor: 'http',
    configSchema: httpRequestConfigSchema,
    outputsOf: () => ['main'],
    check: checkHttpRequest,
    destinationOf,
    run: (config, attempt) => run(config, attempt, dependencies),
  });
}

async function run(
  config: HttpRequestConfig,
  attempt: AttemptContext,
  { http, clock, version }: HttpRequestDependencies,
): Promise<JsonValue> {
  const { idempotencyKey } = attempt;
  const parts = requestParts(config, { userAgent: `Millrace/${version}`, idempotencyKey });
  const { credentialId } = config;
  const secret = credentialId === undefined ? undefined : await secretHeadersOf(credentialId, attempt);
  const response = await send(http, config, { ...parts, secret }, attempt);
  if (!isExpected(response.status, config)) throw statusError(response, clock.nowMs());
  const contentType = String(response.headers['content-type'] ?? '');
  return {
    status: response.status,
    headers: headersOf(response),
    body: decodeResponseBody(response.body, contentType, config.response),
  };
}

async function send(
  http: OutboundHttp,
  config: HttpRequestConfig,
  parts: RequestParts & { readonly secret: SecretHeaders | undefined },
  { signal }: AttemptContext,
): Promise<OutboundResponse> {
  const { url, headers, secret, body } = parts;
  const { method, followRedirects } = config;
  try {
    return await http.request({
      method,
      url,
      headers,
      ...(secret ? { secret } : {}),
      ...(body === undefined ? {} : { body }),
      signal,
      timeoutMs: LONGEST_ATTEMPT_MS,
      followRedirects,
    });
  } catch (error) {
    throw nodeErrorOf(error, signal);
  }
}

function isExpected(status: number, config: HttpRequestConfig): boolean {
  if (config.expect) return config.expect.includes(status);
  return status >= 200 && status < (config.followRedirects ? 300 : 400);
}

/** One text a name, except set-cookie, whose values may hold commas and are a list always. */
function headersOf(response: OutboundResponse): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => {
      const values = [value].flat();
      return [name, name === 'set-cookie' ? values : values.join(', ')];
    }),
  );
}

import type { Clock, JsonValue } from '#libs/kernel';
import { defineNodeType, type AttemptContext, type NodeType } from '#libs/node-kit';
import type { OutboundHttp, OutboundResponse } from '#libs/outbound-http';
import { collectPages } from './collect-pages.ts';
import { checkHttpRequest, httpRequestConfigSchema, type HttpRequestConfig } from './config.ts';
import { destinationOf } from './destination.ts';
import { isExpected } from './expected-status.ts';
import { withFiles } from './files-of-trigger.ts';
import { nodeErrorOf, statusError } from './failures.ts';
import { pageRequest, type Caller, type NodeRequest } from './page-request.ts';
import { decodeResponseBody } from './response-body.ts';
import { fileOf } from './response-file.ts';
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
  written: HttpRequestConfig,
  attempt: AttemptContext,
  { http, clock, version }: HttpRequestDependencies,
): Promise<JsonValue> {
  const config = await withFiles(written, attempt.file);
  const { credentialId, paging } = config;
  const secret = credentialId === undefined ? undefined : await secretHeadersOf(credentialId, attempt);
  const caller: Caller = { userAgent: `Millrace/${version}`, idempotencyKey: attempt.idempotencyKey, secret };
  const exchange = async (request: NodeRequest, maxResponseBytes?: number): Promise<OutboundResponse> => {
    const response = await send(http, { ...request, config, maxResponseBytes }, attempt);
    if (!isExpected(response.status, config)) throw statusError(response, clock.nowMs());
    return response;
  };
  if (!paging) {
    const response = await exchange(pageRequest(config, FIRST, caller));
    return { status: response.status, headers: headersOf(response), body: bodyOf(response, config) };
  }
  return collectPages(paging, async ({ mark, number, maxResponseBytes }) => {
    const request = pageRequest(config, { mark, number }, caller);
    const response = await exchange(request, maxResponseBytes);
    return {
      body: bodyOf(response, config),
      link: [response.headers.link ?? []].flat().join(', '),
      requestedUrl: request.url,
      url: response.url,
      bytes: response.body.length,
    };
  });
}

const FIRST = { mark: { kind: 'first' }, number: 1 } as const;

interface ToSend extends NodeRequest {
  readonly config: HttpRequestConfig;
  readonly maxResponseBytes: number | undefined;
}

async function send(http: OutboundHttp, toSend: ToSend, { signal }: AttemptContext): Promise<OutboundResponse> {
  const { url, headers, secret, body, maxResponseBytes } = toSend;
  const { method, followRedirects } = toSend.config;
  try {
    return await http.request({
      method,
      url,
      headers,
      ...(secret ? { secret } : {}),
      ...(body === undefined ? {} : { body }),
      ...(maxResponseBytes === undefined ? {} : { maxResponseBytes }),
      signal,
      timeoutMs: LONGEST_ATTEMPT_MS,
      followRedirects,
    });
  } catch (error) {
    throw nodeErrorOf(error, signal);
  }
}

function bodyOf(response: OutboundResponse, { response: mode }: HttpRequestConfig): JsonValue {
  if (mode === 'file') return fileOf(response);
  return decodeResponseBody(response.body, String(response.headers['content-type'] ?? ''), mode);
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

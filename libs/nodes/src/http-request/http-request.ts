import type { Clock, JsonValue } from '#libs/kernel';
import { defineNodeType, type AttemptContext, type NodeType } from '#libs/node-kit';
import type { OutboundHttp, OutboundResponse } from '#libs/outbound-http';
import { bodyOf, outputOf, send } from '../http-exchange/exchange.ts';
import { statusError } from '../http-exchange/failures.ts';
import { collectPages } from './collect-pages.ts';
import { checkHttpRequest, httpRequestConfigSchema, type HttpRequestConfig } from './config.ts';
import { destinationOf } from './destination.ts';
import { isExpected } from './expected-status.ts';
import { withFiles } from './files-of-trigger.ts';
import { pageRequest, type Caller, type NodeRequest } from './page-request.ts';
import { callSigned, secretHeadersOf, signInWith, type HttpCredential } from './sign-in.ts';

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
  const signIn = credentialId === undefined ? undefined : await signInWith(credentialId, attempt);
  const secret = signIn && secretHeadersOf(signIn.credential);
  const caller: Caller = { userAgent: `Millrace/${version}`, idempotencyKey: attempt.idempotencyKey, secret };
  const exchange = async (request: NodeRequest, maxResponseBytes?: number): Promise<OutboundResponse> => {
    // A page at another origin is asked for without.
    const signed = (credential: HttpCredential | undefined) =>
      requestOf({ ...request, secret: credential && secretHeadersOf(credential), config, maxResponseBytes });
    const response = await callSigned(request.secret && signIn, signed, (one) => send(http, one, attempt));
    if (!isExpected(response.status, config)) throw statusError(response, clock.nowMs());
    return response;
  };
  if (!paging) {
    return outputOf(await exchange(pageRequest(config, FIRST, caller)), config.response);
  }
  return collectPages(paging, async ({ mark, number, maxResponseBytes }) => {
    const request = pageRequest(config, { mark, number }, caller);
    const response = await exchange(request, maxResponseBytes);
    return {
      body: bodyOf(response, config.response),
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

function requestOf({ url, headers, secret, body, maxResponseBytes, config }: ToSend) {
  const { method, followRedirects } = config;
  return {
    ...{ method, url, headers, followRedirects },
    ...(secret ? { secret } : {}),
    ...(body === undefined ? {} : { body }),
    ...(maxResponseBytes === undefined ? {} : { maxResponseBytes }),
  };
}

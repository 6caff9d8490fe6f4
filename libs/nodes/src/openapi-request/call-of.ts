import { isJsonObject, type JsonValue } from '#libs/kernel';
import type { AttemptContext } from '#libs/node-kit';
import {
  OperationCheck,
  serverFor,
  serverProblem,
  urlAt,
  writeCall,
  type Operation,
  type WrittenBody,
  type WrittenCall,
} from '#libs/openapi-documents';
import type { OutboundRequest, SecretHeaders } from '#libs/outbound-http';
import { encodeMultipart } from '../http-request/multipart.ts';
import type { OpenApiRequestConfig } from './config.ts';
import { inputInvalid } from './failures.ts';
import type { Secrets } from './secrets.ts';

/** A call that fits its operation, and where it goes. */
export interface CheckedCall {
  readonly call: WrittenCall;
  readonly server: string;
}

/** Throws NodeError `OPENAPI_INPUT_INVALID` with all problems. */
export function checkedCall(operation: Operation, config: OpenApiRequestConfig): CheckedCall {
  const { parameters, body, contentType } = config;
  const input = { parameters, body, contentType };
  const server = serverFor(operation, config.server) ?? '';
  const message = serverProblem(server);
  const problems = [
    ...OperationCheck.of(operation).problemsOf(input),
    ...(message === undefined ? [] : [{ path: 'server', message }]),
  ];
  if (problems.length > 0) throw inputInvalid(operation, problems);
  const result = writeCall(operation, input);
  if (result.kind === 'refused') throw inputInvalid(operation, result.problems);
  return { call: result.call, server };
}

export interface Caller {
  readonly userAgent: string;
  readonly idempotencyKey: string;
  readonly secrets: Secrets | undefined;
}

export function requestOf(checked: CheckedCall, config: OpenApiRequestConfig, caller: Caller): OutboundRequest {
  const { call, server } = checked;
  const { secrets } = caller;
  const { contentType, body } = encoded(call.body);
  return {
    method: call.method,
    url: withQuery(urlAt(server, call.target), secrets?.query),
    headers: {
      ...defaultHeaders(config, caller),
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...call.headers,
      ...cookieHeader(call.cookies),
    },
    ...(secrets ? { secret: secretOf(secrets, call.cookies) } : {}),
    ...(body === undefined ? {} : { body }),
  };
}

function defaultHeaders(config: OpenApiRequestConfig, { userAgent, idempotencyKey }: Caller): Record<string, string> {
  return {
    'user-agent': userAgent,
    accept: config.response === 'json' ? 'application/json' : '*/*',
    ...(config.idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
  };
}

/** A secret cookie takes the others along, as there is one header for all. */
function secretOf({ headers, cookie, mayBeSentTo }: Secrets, cookies: readonly string[]): SecretHeaders {
  return { headers: { ...headers, ...(cookie === undefined ? {} : cookieHeader([...cookies, cookie])) }, mayBeSentTo };
}

function cookieHeader(cookies: readonly string[]): Record<string, string> {
  return cookies.length === 0 ? {} : { cookie: cookies.join('; ') };
}

function withQuery(url: string, secret: string | undefined): string {
  return secret === undefined ? url : `${url}${url.includes('?') ? '&' : '?'}${secret}`;
}

function encoded(body: WrittenBody | undefined): {
  readonly contentType?: string;
  readonly body?: string | Uint8Array;
} {
  if (!body) return {};
  if ('parts' in body) return encodeMultipart(body.parts);
  const { contentType } = body;
  return { contentType, body: 'text' in body ? body.text : Buffer.from(body.contentBase64, 'base64') };
}

/** The body with the content of files that it, or a field of it, names by their SHA-256. */
export async function withFilesOf(
  body: JsonValue | undefined,
  read: AttemptContext['file'],
): Promise<JsonValue | undefined> {
  if (!isJsonObject(body)) return body;
  if (isFileName(body)) return filled(body, read);
  const entries = Object.entries(body).map(async ([name, value]): Promise<[string, JsonValue]> => [
    name,
    isJsonObject(value) && isFileName(value) ? await filled(value, read) : value,
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

interface FileName {
  readonly sha256: string;
}

function isFileName(value: { readonly [name: string]: JsonValue }): value is FileName & typeof value {
  return typeof value.sha256 === 'string' && /^[0-9a-f]{64}$/.test(value.sha256) && value.contentBase64 === undefined;
}

async function filled(file: FileName & { readonly [name: string]: JsonValue }, read: AttemptContext['file']) {
  return { ...file, contentBase64: Buffer.from(await read(file.sha256)).toString('base64') };
}

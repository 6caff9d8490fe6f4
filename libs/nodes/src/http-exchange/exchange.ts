import { networkFailureOf } from '#libs/connector-kit';
import type { JsonObject, JsonValue } from '#libs/kernel';
import type { AttemptContext } from '#libs/node-kit';
import type { OutboundHttp, OutboundRequest, OutboundResponse } from '#libs/outbound-http';
import { decodeResponseBody } from './response-body.ts';
import { fileOf } from './response-file.ts';

/** Above every time-out that a node may have: the attempt's signal is what ends a request. */
const LONGEST_ATTEMPT_MS = 86_400_000;

export const RESPONSE_MODES = ['auto', 'json', 'text', 'file'] as const;
export type ResponseMode = (typeof RESPONSE_MODES)[number];

/** Whatever the status of the answer is. Rejects with NodeError. */
export async function send(
  http: OutboundHttp,
  request: Omit<OutboundRequest, 'signal' | 'timeoutMs'>,
  { signal }: Pick<AttemptContext, 'signal'>,
): Promise<OutboundResponse> {
  try {
    return await http.request({ ...request, signal, timeoutMs: LONGEST_ATTEMPT_MS });
  } catch (error) {
    throw networkFailureOf(error, signal) ?? error;
  }
}

/** What a node gives for an answer. Throws NodeError for a body that the mode cannot read. */
export function outputOf(response: OutboundResponse, mode: ResponseMode): JsonObject {
  return { status: response.status, headers: headersOf(response), body: bodyOf(response, mode) };
}

export function bodyOf(response: OutboundResponse, mode: ResponseMode): JsonValue {
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

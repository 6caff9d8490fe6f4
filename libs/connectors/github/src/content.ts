import { isDeeperThan, MAX_JSON_DEPTH, type JsonValue } from '#libs/kernel';
import { OutboundHttpError } from '#libs/outbound-http';
import type { AnswerHeaders } from './rate-limits.ts';

/** JSON as it is; null without a body; else bytes. Throws OutboundHttpError for JSON that is none, or nested too deep. */
export async function contentOf(response: {
  readonly headers: AnswerHeaders;
  readonly data: unknown;
}): Promise<JsonValue | Uint8Array> {
  if (!(response.data instanceof ReadableStream)) return null;
  const body = new Response(response.data);
  const contentType = String(response.headers['content-type'] ?? '');
  if (!/^application\/(json|scim\+json)\b/.test(contentType)) return new Uint8Array(await body.arrayBuffer());
  const value = parsed(await body.text());
  if (!isDeeperThan(value, MAX_JSON_DEPTH)) return value;
  throw new OutboundHttpError('INVALID_RESPONSE', `the answer is JSON nested deeper than ${MAX_JSON_DEPTH} levels`);
}

function parsed(text: string): JsonValue {
  if (text === '') return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new OutboundHttpError('INVALID_RESPONSE', 'the answer is not JSON', cause);
  }
}

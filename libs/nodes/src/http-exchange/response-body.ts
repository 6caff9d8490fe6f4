import { isDeeperThan, MAX_JSON_DEPTH, type JsonValue } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import { TextDecoder } from 'node:util';

const JSON_TYPE = /^(application|text)\/([a-z0-9.!#$&^_-]+\+)?json$/;
const TEXT_TYPE = /^(text\/.+|application\/(xml|.+\+xml|javascript|x-www-form-urlencoded|x-ndjson|yaml))$/;

/**
 * The body as a JSON value. `json`: parsed, whatever its type. `text`: decoded. `auto`: by its type - JSON parsed (or its
 * text, when it is none), text decoded, anything else `{ base64, contentType }`. No body gives null, as text the empty one.
 * Throws NodeError HTTP_INVALID_RESPONSE for `json` that is none, and for JSON nested too deep.
 */
export function decodeResponseBody(body: Buffer, contentType: string, mode: 'auto' | 'json' | 'text'): JsonValue {
  if (mode === 'text') return decodeText(body, contentType);
  if (body.length === 0) return null;
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (mode === 'json' || JSON_TYPE.test(type)) return decodeJson(decodeText(body, contentType), mode);
  const text = TEXT_TYPE.test(type) ? decodeText(body, contentType) : decodeUntyped(body, type);
  return text ?? { base64: body.toString('base64'), contentType: type };
}

function decodeJson(text: string, mode: 'auto' | 'json'): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (cause) {
    if (mode === 'auto') return text;
    throw new NodeError('HTTP_INVALID_RESPONSE', 'the response is not JSON', {
      retryable: false,
      destination: 'answered',
      details: { body: text.slice(0, 200) },
      cause,
    });
  }
  if (!isDeeperThan(value, MAX_JSON_DEPTH)) return value;
  throw new NodeError('HTTP_INVALID_RESPONSE', `the response is JSON nested deeper than ${MAX_JSON_DEPTH} levels`, {
    retryable: false,
    destination: 'answered',
  });
}

/** By the charset of its type, UTF-8 without one or with one nobody knows; a byte order mark is left out. */
export function decodeText(body: Buffer, contentType: string): string {
  const charset = /;\s*charset="?([^\s";]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  return decoderFor(charset).decode(body);
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder('utf-8');
  }
}

/** Text when it can be, since many servers name no type. */
function decodeUntyped(body: Buffer, type: string): string | undefined {
  if (type !== '') return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

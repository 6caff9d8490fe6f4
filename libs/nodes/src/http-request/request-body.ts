import type { JsonValue } from '#libs/kernel';
import { BODIES, type Fields, type HttpRequestConfig } from './config.ts';
import { invalidRequest } from '../http-exchange/failures.ts';
import type { FileContent, Part } from './file-config.ts';
import { encodeMultipart } from './multipart.ts';

export interface RequestBody {
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
}

type BodyKind = (typeof BODIES)[number];

const ENCODERS: { readonly [Kind in BodyKind]: (value: NonNullable<HttpRequestConfig[Kind]>) => RequestBody } = {
  json: (json: JsonValue) => ({ body: JSON.stringify(json), contentType: 'application/json' }),
  form: (form: Fields) => ({
    body: new URLSearchParams(pairsOf(form)).toString(),
    contentType: 'application/x-www-form-urlencoded',
  }),
  multipart: (parts: readonly Part[]) => encodeMultipart(parts),
  text: (text: string) => ({ body: text, contentType: 'text/plain; charset=utf-8' }),
  file: ({ contentBase64 = '', mediaType = 'application/octet-stream' }: FileContent) => ({
    body: Buffer.from(contentBase64, 'base64'),
    contentType: mediaType,
  }),
};

/** Throws NodeError HTTP_INVALID_REQUEST when there are several. */
export function bodyOf(config: HttpRequestConfig): RequestBody {
  const [kind, ...others] = BODIES.filter((one) => config[one] !== undefined);
  if (others.length > 0) throw invalidRequest('a request has one body');
  if (kind === undefined) return {};
  return encode(kind, config);
}

function encode<Kind extends BodyKind>(kind: Kind, config: HttpRequestConfig): RequestBody {
  return ENCODERS[kind](config[kind] as NonNullable<HttpRequestConfig[Kind]>);
}

/** Names and values as text; a list gives its name several times, null is left out. */
export function pairsOf(fields: Fields): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().flatMap((one): [string, string][] => (one === null ? [] : [[name, String(one)]])),
  );
}

import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { codeOf, OutboundHttpError } from './errors.ts';

type Decompress = (body: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const inflateZlib = promisify(inflate);
const inflateBare = promisify(inflateRaw);

const DECOMPRESS: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['br', promisify(brotliDecompress)],
  // Some servers send bare deflate data where RFC 9110 asks for the zlib format, whose first byte ends in 8.
  [
    'deflate',
    (body, options) => (((body[0] ?? 0) & 0x0f) === 8 ? inflateZlib(body, options) : inflateBare(body, options)),
  ],
]);
const MOST_LAYERS = 3;

export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

/** Undoes the content encodings; stops as soon as more than `maxBytes` come out, however little went in. */
export async function decodeBody(body: Buffer, contentEncoding: string, maxBytes: number): Promise<Buffer> {
  if (contentEncoding === '' || body.length === 0) return body;
  const layers = contentEncoding
    .split(',')
    .map((layer) => layer.trim().toLowerCase())
    .filter((layer) => layer !== '' && layer !== 'identity');
  if (layers.length > MOST_LAYERS)
    throw new OutboundHttpError('INVALID_RESPONSE', 'the response is encoded too many times');
  let decoded = body;
  for (const layer of layers.reverse()) decoded = await decodeLayer(decoded, layer, maxBytes);
  return decoded;
}

async function decodeLayer(body: Buffer, layer: string, maxBytes: number): Promise<Buffer> {
  const decompress = DECOMPRESS.get(layer);
  if (!decompress)
    throw new OutboundHttpError(
      'INVALID_RESPONSE',
      `the response has the content encoding "${layer.slice(0, 32)}", not asked for`,
    );
  try {
    return await decompress(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const tooLarge = codeOf(error) === 'ERR_BUFFER_TOO_LARGE';
    throw tooLarge
      ? new OutboundHttpError(
          'RESPONSE_TOO_LARGE',
          `the response is larger than ${maxBytes} bytes when decompressed`,
          error,
        )
      : new OutboundHttpError('INVALID_RESPONSE', `the response is not valid ${layer}`, error);
  }
}

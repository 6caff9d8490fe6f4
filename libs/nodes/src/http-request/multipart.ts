import { createHash } from 'node:crypto';
import type { Part } from './file-config.ts';

export interface Encoded {
  readonly body: Buffer;
  readonly contentType: string;
}

/**
 * A form as multipart/form-data (RFC 7578). The boundary follows from the parts, so that every attempt sends the same; no
 * part can hold it, since it is a digest of them all.
 */
export function encodeMultipart(parts: readonly Part[]): Encoded {
  const encoded = parts.filter((part) => !('value' in part) || part.value !== null).map(encodePart);
  const digest = createHash('sha256');
  for (const { head, content } of encoded) digest.update(`${content.length}\n${head}`).update(content);
  const boundary = `millrace-${digest.digest('hex')}`;
  const body = encoded.flatMap(({ head, content }) => [Buffer.from(`--${boundary}\r\n${head}\r\n`), content, CRLF]);
  return {
    body: Buffer.concat([...body, Buffer.from(`--${boundary}--\r\n`)]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

const CRLF = Buffer.from('\r\n');

function encodePart(part: Part): { readonly head: string; readonly content: Buffer } {
  const disposition = `Content-Disposition: form-data; name="${escape(part.name)}"`;
  if ('value' in part) return { head: `${disposition}\r\n`, content: Buffer.from(String(part.value)) };
  const { filename, text, contentBase64 = '' } = part;
  const type = part.mediaType ?? (text === undefined ? 'application/octet-stream' : 'text/plain; charset=utf-8');
  return {
    head: `${disposition}; filename="${escape(filename)}"\r\nContent-Type: ${type}\r\n`,
    content: text === undefined ? Buffer.from(contentBase64, 'base64') : Buffer.from(text),
  };
}

/** As browsers do it (HTML standard, multipart/form-data encoding algorithm). */
function escape(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

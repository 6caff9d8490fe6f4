import { createHash } from 'node:crypto';
import { fileNameIn, type JsonObject } from '#libs/kernel';
import type { OutboundResponse } from '#libs/outbound-http';

/** The body as it is, with what is needed to know it again and to send it on. */
export function fileOf({ body, headers, url }: OutboundResponse): JsonObject {
  const name = nameIn(String(headers['content-disposition'] ?? '')) ?? nameInPath(url);
  const mediaType = (String(headers['content-type'] ?? '').split(';', 1)[0] ?? '').trim().toLowerCase();
  return {
    file: {
      ...(name === undefined ? {} : { name }),
      mediaType: mediaType === '' ? 'application/octet-stream' : mediaType,
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
      contentBase64: body.toString('base64'),
    },
  };
}

/** Of a Content-Disposition header (RFC 6266). */
function nameIn(disposition: string): string | undefined {
  const extended = /;\s*filename\*=utf-8'[^']*'([^\s;]+)/i.exec(disposition)?.[1];
  const [, quoted, plain] = /;\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(disposition) ?? [];
  return fileNameIn(decoded(extended) ?? quoted?.replace(/\\(.)/g, '$1') ?? plain);
}

function nameInPath(url: string): string | undefined {
  return fileNameIn(decoded(URL.parse(url)?.pathname.split('/').at(-1)));
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

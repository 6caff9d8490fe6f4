import { createHash } from 'node:crypto';
import type { JsonObject } from '#libs/kernel';
import type { OutboundResponse } from '#libs/outbound-http';

const LONGEST_NAME = 255;

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
  return baseName(decoded(extended) ?? quoted?.replace(/\\(.)/g, '$1') ?? plain);
}

function nameInPath(url: string): string | undefined {
  return baseName(decoded(URL.parse(url)?.pathname.split('/').at(-1)));
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The server says the name: it must lead to no other folder and hold nothing that does not show. */
function baseName(text: string | undefined): string | undefined {
  const name = (text ?? '')
    .replace(/^.*[/\\]/s, '')
    .replace(/\p{C}/gu, '')
    .slice(0, LONGEST_NAME);
  return name === '' || name === '.' || name === '..' ? undefined : name;
}

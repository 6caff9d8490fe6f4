import { decode, tryDecoderOf } from './charset.ts';
import { MAIL_LIMITS } from './limits.ts';
import { walk, type MimeNode } from './mime-node.ts';
import { plainText } from './plain-text.ts';
import type { MailPart } from './types.ts';
import type { Warnings } from './warnings.ts';

/** Every part that is text, in order, as long as there is room; says what is wrong with parts on the way. */
export function textPartsOf(root: unknown, warnings: Warnings): MailPart[] {
  const parts: MailPart[] = [];
  let room: number = MAIL_LIMITS.textBytes;
  for (const node of walk(root)) {
    lookAtMultipart(node, warnings);
    const part = room > 0 ? textPartOf(node, room, warnings) : undefined;
    if (!part) continue;
    room -= Buffer.byteLength(part.text);
    parts.push(part);
  }
  return parts;
}

function textPartOf({ contentType, content }: MimeNode, room: number, warnings: Warnings): MailPart | undefined {
  const { value: mediaType, params } = contentType.parsed;
  if (content === null || !/^(?:text|message)\//.test(mediaType)) return undefined;
  const { charset } = params;
  if (charset !== undefined && !tryDecoderOf(charset)) {
    warnings.add(`charset ${JSON.stringify(charset.slice(0, 40))} is unknown: taken for windows-1252`);
  }
  return { mediaType, text: plainText(decode(content, charset), room, `part ${mediaType}`, warnings) };
}

function lookAtMultipart({ contentType, childNodes }: MimeNode, warnings: Warnings): void {
  const { value, params } = contentType.parsed;
  if (contentType.multipart === false || childNodes.length > 0) return;
  warnings.add(params['boundary'] ? `${value} has no parts` : `${value} names no boundary`);
}

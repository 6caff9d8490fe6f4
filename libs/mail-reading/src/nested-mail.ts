import { headOf } from './head.ts';
import { MAIL_LIMITS } from './limits.ts';
import type { MailAttachment, NestedMail } from './types.ts';
import { Warnings } from './warnings.ts';

/** Headers of the messages that are attached, one level deep. */
export async function nestedMailsOf(attachments: readonly MailAttachment[], warnings: Warnings): Promise<NestedMail[]> {
  const attached = attachments.flatMap(({ mediaType, content }, attachment) =>
    mediaType === 'message/rfc822' ? [{ attachment, content }] : [],
  );
  if (attached.length > MAIL_LIMITS.nested) {
    warnings.add(`${attached.length} attached messages: of those after ${MAIL_LIMITS.nested} the headers are not read`);
  }
  const nested: NestedMail[] = [];
  for (const { attachment, content } of attached.slice(0, MAIL_LIMITS.nested)) {
    // What is wrong with another message is not wrong with this one.
    const { subject, messageId, from, to, date } = await headOf(content, new Warnings());
    nested.push({
      attachment,
      subject,
      ...(messageId === undefined ? {} : { messageId }),
      ...(from === undefined ? {} : { from }),
      to,
      ...(date === undefined ? {} : { date }),
    });
  }
  return nested;
}

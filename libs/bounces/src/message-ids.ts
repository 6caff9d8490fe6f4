import type { OriginalIds } from './bounce-report.ts';
import { returnedHeader, type Notice } from './notice.ts';
import { firstOf, readFieldBlocks } from './report-fields.ts';
import { headerOf, REPORT_TYPES, type ReturnedMail } from './returned-mail.ts';

/** Of reports: RFC 3464, RFC 3798 and what some add to the former. */
const ID_FIELDS = ['original-message-id', 'x-original-message-id'];
const ENVELOPE_FIELD = 'original-envelope-id';

/**
 * What names the mail that a notice is about: its own header where it is returned, else fields of the report, else what
 * the notice says that it answers.
 */
export function originalIdsOf(mail: ReturnedMail, notice: Notice): OriginalIds {
  const fields = mail.parts.filter(({ mediaType }) => REPORT_TYPES.includes(mediaType)).map(({ text }) => text);
  const blocks = fields.flatMap(readFieldBlocks);
  const fieldsOf = (name: string): readonly string[] => blocks.map((block) => firstOf(block, name));
  const named = [returnedHeader(notice, 'message-id'), ...ID_FIELDS.flatMap(fieldsOf), headerOf(mail, 'in-reply-to')];
  const envelopeId = fieldsOf(ENVELOPE_FIELD).find((id) => id !== '');
  return idsOf(
    named.find((text) => messageIdIn(text) !== undefined),
    envelopeId,
  );
}

/** With the angle brackets that a `Message-ID` has in its header; what is none is left out. */
export function idsOf(messageId: string | undefined, envelopeId: string | undefined): OriginalIds {
  const original = messageIdIn(messageId ?? '');
  return {
    ...(original === undefined ? {} : { originalMessageId: original }),
    ...(envelopeId === undefined || envelopeId === '' ? {} : { envelopeId: envelopeId.slice(0, 1_000) }),
  };
}

function messageIdIn(text: string): string | undefined {
  const id = /^\s{0,5}<?([^\s<>]{1,500}@[^\s<>]{1,500})>?/.exec(text)?.[1];
  return id === undefined ? undefined : `<${id}>`;
}

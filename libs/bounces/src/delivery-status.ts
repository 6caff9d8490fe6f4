import { addressOfField } from './mail-address.ts';
import { mayReportInText } from './looks-returned.ts';
import { isFromMailSystem, type Notice } from './notice.ts';
import { firstOf, readFieldBlocks, withoutType, type FieldBlock } from './report-fields.ts';
import { MAIL_LIMITS, partsOf, STATUS_TYPES, type ReturnedMail } from './returned-mail.ts';
import { statusIn } from './smtp-codes.ts';

/** What a delivery status notification says of one recipient. */
export interface RecipientStatus {
  readonly address?: string;
  readonly action: 'failed' | 'delayed' | 'delivered';
  readonly status?: string;
  readonly diagnostic: string;
}

const FIELDS = /^(?:final-recipient|action) {0,2}:/im;

/**
 * The recipients of the notification's machine-readable part (RFC 3464), delivered ones among them. Where the part is
 * missing and its fields stand in the text of a notice, as gateways leave them, they are taken from there. Undefined
 * without a report.
 */
export function readDeliveryStatus(mail: ReturnedMail, notice: Notice): readonly RecipientStatus[] | undefined {
  const recipients = reportTextsOf(mail, notice).flatMap((report) =>
    readFieldBlocks(report)
      .flatMap((block) => splitAtRecipients(block))
      .map(toRecipient),
  );
  const found = recipients.filter((recipient) => recipient !== undefined).slice(0, MAIL_LIMITS.recipients);
  return found.length > 0 ? found : undefined;
}

function reportTextsOf(mail: ReturnedMail, notice: Notice): readonly string[] {
  const reports = STATUS_TYPES.flatMap((type) => partsOf(mail, type)).map(({ text }) => text);
  if (reports.length > 0) return reports;
  return FIELDS.test(mail.text) && mayReportInText(mail, notice) ? [mail.text] : wrappedReports(mail);
}

/** Gateways pass a notification on inside one of their own; what a person attaches is one that somebody else got. */
function wrappedReports(mail: ReturnedMail): readonly string[] {
  if (!isFromMailSystem(mail)) return [];
  const wrapped = partsOf(mail, 'message/rfc822').map(({ text }) => text);
  return wrapped
    .filter((text) => /\breport-type ?= ?"?delivery-status/i.test(text.slice(0, MAIL_LIMITS.textChars)))
    .map((text) => text.slice(Math.max(0, text.search(FIELDS))));
}

/** Some leave out the blank lines: then one block has the fields of several recipients, each once. */
function splitAtRecipients(block: FieldBlock): readonly FieldBlock[] {
  const count = block.get('final-recipient')?.length ?? 0;
  if (count < 2) return [block];
  const nth = (index: number): FieldBlock =>
    new Map([...block].map(([name, values]) => [name, values.slice(index, index + 1)]));
  return Array.from({ length: count }, (_, index) => nth(index));
}

function toRecipient(block: FieldBlock): RecipientStatus | undefined {
  const status = statusIn(firstOf(block, 'status'));
  const action = actionOf(firstOf(block, 'action'), status);
  if (action === undefined) return undefined;
  const address = addressOf(block);
  return {
    ...(address === undefined ? {} : { address }),
    ...(status === undefined ? {} : { status }),
    action,
    diagnostic: (block.get('diagnostic-code') ?? []).map(withoutType).join(' '),
  };
}

function actionOf(action: string, status: string | undefined): RecipientStatus['action'] | undefined {
  const word = action.toLowerCase();
  if (/\b(?:failed|failure|error)\b/.test(word)) return 'failed';
  if (/\bdelayed\b/.test(word)) return 'delayed';
  if (/\b(?:delivered|relayed|expanded)\b/.test(word)) return 'delivered';
  if (status === undefined) return undefined;
  return status.startsWith('2') ? 'delivered' : 'failed';
}

/** The original one is how it was sent to; the final one what an alias made of it. */
function addressOf(block: FieldBlock): string | undefined {
  const fields = ['original-recipient', 'final-recipient', 'x-actual-recipient'];
  for (const name of fields) {
    const address = addressOfField(withoutType(firstOf(block, name)));
    if (address !== undefined) return address;
  }
  return undefined;
}

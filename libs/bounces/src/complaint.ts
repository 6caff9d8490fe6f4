import type { BounceReport, FailedRecipient } from './bounce-report.ts';
import { mayReportInText } from './looks-returned.ts';
import { addressesIn } from './mail-address.ts';
import { returnedHeader, type Notice } from './notice.ts';
import { excerpt } from './plain-text.ts';
import { firstOf, readFieldBlocks, withoutType, type FieldBlock } from './report-fields.ts';
import { NOT_BOUNCE, reportOf } from './report.ts';
import { headerOf, MAIL_LIMITS, partsOf, type ReturnedMail } from './returned-mail.ts';

/** Reports of abuse (RFC 5965), as providers send them when someone calls a mail spam. Undefined when it is none. */
export function readComplaint(mail: ReturnedMail, notice: Notice): BounceReport | undefined {
  const report = reportTextOf(mail, notice);
  if (report === undefined && !isAbuseForward(mail, notice)) return undefined;
  const fields = merged(readFieldBlocks(report ?? ''));
  const type = firstOf(fields, 'feedback-type').toLowerCase() || 'abuse';
  // Somebody took a mail back out of the spam folder: good news.
  if (type === 'not-spam') return NOT_BOUNCE;
  const addresses = complainers(mail, notice, fields);
  return reportOf(
    'complaint',
    addresses.map((address) => toRecipient(type, address, notice)),
  );
}

/** The machine-readable part, or the text of a notice that has its fields there, or of a mail that says it is such a report. */
function reportTextOf(mail: ReturnedMail, notice: Notice): string | undefined {
  const [part] = partsOf(mail, 'message/feedback-report');
  if (part) return part.text;
  const isReport = /\breport-type ?= ?"?feedback-report/i.test(headerOf(mail, 'content-type'));
  if (isReport) return mail.text;
  return /^feedback-type {0,2}:/im.test(mail.text) && mayReportInText(mail, notice) ? mail.text : undefined;
}

const FORWARD_HEADER = 'x-hmxmroriginalrecipient';

/** Outlook's service forwards the mail with a header of its own and no report. */
function isAbuseForward(mail: ReturnedMail, notice: Notice): boolean {
  return headerOf(mail, FORWARD_HEADER) !== '' || returnedHeader(notice, FORWARD_HEADER) !== '';
}

function toRecipient(type: string, address: string | undefined, notice: Notice): FailedRecipient {
  // RFC 6591: says that a mail failed DMARC or DKIM, and nothing about who it went to.
  const isAuthentication = type === 'auth-failure' || type === 'dmarc';
  return {
    ...(address === undefined ? {} : { address }),
    kind: isAuthentication ? 'policy' : 'complaint',
    reason: isAuthentication ? 'authFailure' : 'complaint',
    diagnostic: excerpt(notice.said),
    rule: `feedback.${/^[a-z-]{1,30}$/.test(type) ? type : 'other'}`,
  };
}

/** Whom the reported mail went to; a provider that leaves the address out leaves one recipient without one. */
function complainers(mail: ReturnedMail, notice: Notice, fields: FieldBlock): readonly (string | undefined)[] {
  const named = ['original-rcpt-to', 'removal-recipient'].flatMap((name) => fields.get(name) ?? []);
  const fromReport = addressesIn(named.map(withoutType).join(' '));
  if (mail.recipientHint !== undefined && fromReport.length < 2) return [mail.recipientHint];
  if (fromReport.length > 0) return fromReport;
  const marked = [headerOf(mail, FORWARD_HEADER), returnedHeader(notice, FORWARD_HEADER)];
  const original = [...marked, returnedHeader(notice, 'to')].map(addressesIn);
  const found = original.find((addresses) => addresses.length > 0) ?? [];
  return found.length > 0 ? found.slice(0, MAIL_LIMITS.recipients) : [undefined];
}

function merged(blocks: readonly FieldBlock[]): FieldBlock {
  const all = new Map<string, readonly string[]>();
  for (const [name, values] of blocks.flatMap((block) => [...block]))
    all.set(name, [...(all.get(name) ?? []), ...values]);
  return all;
}

import { isAutoReply } from './auto-reply.ts';
import type { BounceReport, FailedRecipient } from './bounce-report.ts';
import { readComplaint } from './complaint.ts';
import { readDeliveryStatus, type RecipientStatus } from './delivery-status.ts';
import { aboutHinted } from './hinted.ts';
import { looksReturned, saysDelayed, surelyReturned } from './looks-returned.ts';
import { keyOf } from './mail-address.ts';
import { originalIdsOf } from './message-ids.ts';
import { noticeOf, type Notice } from './notice.ts';
import { passagesOf, type Passage } from './passages.ts';
import { excerpt } from './plain-text.ts';
import { readProviderText } from './provider-notice.ts';
import { findReason, type Evidence, type Finding } from './reason.ts';
import { AUTO_REPLY, NOT_BOUNCE, reportOf } from './report.ts';
import { boundMail, MAIL_LIMITS, type ReturnedMail } from './returned-mail.ts';
import { codesIn, replyIn, type SmtpCodes } from './smtp-codes.ts';

/**
 * What a mail says that came to an address which notices are sent to. Never throws; anything that isn't told clearly is
 * `notBounce`. It takes the mail's word for everything: whether it may be believed (a VERP token of ours, a signature) is
 * for the caller to know.
 */
export function classifyReturnedMail(incoming: ReturnedMail): BounceReport {
  const provided = readProviderText(incoming.text);
  if (provided) return ofHinted(provided, [], incoming.recipientHint);
  const mail = boundMail(incoming);
  const notice = noticeOf(mail);
  const { kind, recipients } = classify(mail, notice);
  if (recipients.length === 0) return { kind, recipients };
  const ids = originalIdsOf(mail, notice);
  return { kind, recipients: recipients.map((recipient) => ({ ...recipient, ...ids })) };
}

function classify(mail: ReturnedMail, notice: Notice): BounceReport {
  const complaint = readComplaint(mail, notice);
  if (complaint) return ofHinted(complaint, [], mail.recipientHint);
  const statuses = readDeliveryStatus(mail, notice);
  if (statuses) return ofStatuses(statuses, mail, notice);
  if (isAutoReply(mail, notice.said)) return AUTO_REPLY;
  return looksReturned(mail, notice) ? ofText(mail, notice) : NOT_BOUNCE;
}

function ofStatuses(statuses: readonly RecipientStatus[], mail: ReturnedMail, notice: Notice): BounceReport {
  const failed = statuses.filter(({ action }) => action !== 'delivered');
  if (failed.length === 0) return NOT_BOUNCE;
  const passages = passagesOf(mail, notice);
  const recipients = failed.map((recipient) => {
    const passage = failed.length === 1 ? notice.said : passageOf(recipient, passages);
    const { diagnostic, status } = recipient;
    const said = codesIn(diagnostic);
    const evidence = { diagnostic, passage, codes: withStatus(said, status) };
    return describe(evidence, findReason(evidence), {
      address: recipient.address,
      isDelayed: recipient.action === 'delayed',
    });
  });
  const reached = statuses.filter(({ action }) => action === 'delivered').map(({ address }) => address);
  return ofHinted(reportOf('bounce', recipients), reached, mail.recipientHint);
}

/** The status of the other side's reply tells more than one that the reporting host chose to sum it up. */
function withStatus(said: SmtpCodes, status: string | undefined): SmtpCodes {
  const isGeneral = status === undefined || /\.0\.0$/.test(status);
  const best = isGeneral ? (said.status ?? status) : status;
  return { ...said, ...(best === undefined ? {} : { status: best }) };
}

function passageOf({ address }: RecipientStatus, passages: readonly Passage[]): string {
  if (address === undefined) return '';
  const isAbout = (passage: Passage): boolean =>
    passage.address !== undefined && keyOf(passage.address) === keyOf(address);
  return passages.find(isAbout)?.text.slice(0, MAIL_LIMITS.passageChars) ?? '';
}

function ofText(mail: ReturnedMail, notice: Notice): BounceReport {
  const isDelayed = saysDelayed(mail, notice);
  const passages = passagesOf(mail, notice);
  const recipients = passages.flatMap(({ address, text }) => {
    const evidence = { diagnostic: replyIn(text), passage: text, codes: codesIn(text) };
    const finding = findSomeReason(evidence, mail);
    return isDelayed || isSure(finding, address, mail, notice)
      ? [describe(evidence, finding, { address, isDelayed })]
      : [];
  });
  if (recipients.length === 0) return NOT_BOUNCE;
  const others = passages.slice(recipients.length).map(() => undefined);
  return ofHinted(reportOf('bounce', recipients), others, mail.recipientHint);
}

/** Where the text says nothing, the subject may, in the form of sendmail: others quote that of the mail in theirs. */
function findSomeReason(evidence: Evidence, mail: ReturnedMail): Finding {
  const finding = findReason(evidence);
  const [, subject] = /^returned mail: (.{1,200})$/i.exec(mail.subject.trim()) ?? [];
  if (finding.reason !== 'undetermined' || subject === undefined) return finding;
  return findReason({ ...evidence, diagnostic: subject });
}

/** Without a known reason it has to be clear at least that something of ours came back. */
function isSure({ reason }: Finding, address: string | undefined, mail: ReturnedMail, notice: Notice): boolean {
  return reason !== 'undetermined' || (address !== undefined && surelyReturned(mail, notice));
}

function describe(
  { codes, diagnostic, passage }: Evidence,
  finding: Finding,
  { address, isDelayed }: { readonly address: string | undefined; readonly isDelayed: boolean },
): FailedRecipient {
  return {
    ...(address === undefined ? {} : { address }),
    kind: isDelayed ? 'delayed' : finding.kind,
    reason: finding.reason,
    ...codes,
    diagnostic: excerpt(diagnostic === '' ? passage : diagnostic),
    rule: finding.rule,
  };
}

function ofHinted(
  { kind, recipients }: BounceReport,
  others: readonly (string | undefined)[],
  hint: string | undefined,
): BounceReport {
  if (recipients.length === 0) return { kind, recipients };
  const about = aboutHinted(recipients, others, hint);
  return about.length === 0 ? NOT_BOUNCE : { kind, recipients: about };
}

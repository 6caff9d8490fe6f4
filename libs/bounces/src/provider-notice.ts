import type { BounceReport, FailedRecipient, FailureKind } from './bounce-report.ts';
import { jsonIn } from './json-text.ts';
import { addressOfField } from './mail-address.ts';
import { idsOf } from './message-ids.ts';
import { excerpt } from './plain-text.ts';
import { readMailgun } from './providers/mailgun.ts';
import { readPostmark } from './providers/postmark.ts';
import type { ProviderEvent, ProviderReader } from './providers/provider-event.ts';
import { readSendgrid } from './providers/sendgrid.ts';
import { readSes } from './providers/ses.ts';
import { readSparkpost } from './providers/sparkpost.ts';
import { kindOf } from './failure-kind.ts';
import { findReason, type Finding } from './reason.ts';
import { NOT_BOUNCE, reportOf } from './report.ts';
import { codesIn, statusIn, type SmtpCodes } from './smtp-codes.ts';

const READERS: readonly ProviderReader[] = [readSes, readSendgrid, readMailgun, readPostmark, readSparkpost];

/** A mail whose text is a provider's notice in JSON. Undefined when it is none. */
export function readProviderText(text: string): BounceReport | undefined {
  const notice = jsonIn(text);
  return notice === undefined ? undefined : readNotice(notice);
}

/** The parsed body of a call that a provider's webhook makes. Never throws; what is not known is `notBounce`. */
export function classifyProviderNotice(notice: unknown): BounceReport {
  return readNotice(notice) ?? NOT_BOUNCE;
}

function readNotice(notice: unknown): BounceReport | undefined {
  for (const read of READERS) {
    const events = read(notice);
    if (events) return toReport(events.map(toRecipient));
  }
  return undefined;
}

function toReport(recipients: readonly FailedRecipient[]): BounceReport {
  if (recipients.length === 0) return NOT_BOUNCE;
  return reportOf(recipients.every(({ kind }) => kind === 'complaint') ? 'complaint' : 'bounce', recipients);
}

function toRecipient(event: ProviderEvent): FailedRecipient {
  const address = addressOfField(event.address ?? '');
  const diagnostic = event.diagnostic ?? '';
  const codes = codesOf(event, diagnostic);
  return {
    ...(address === undefined ? {} : { address }),
    ...findingOf(event, diagnostic, codes),
    ...codes,
    diagnostic: excerpt(diagnostic),
    ...idsOf(event.messageId, event.envelopeId),
  };
}

function codesOf({ status }: ProviderEvent, diagnostic: string): SmtpCodes {
  const said = codesIn(diagnostic);
  const given = statusIn(status ?? '');
  return { ...said, ...(given === undefined ? {} : { status: given }) };
}

function findingOf(event: ProviderEvent, diagnostic: string, codes: SmtpCodes): Finding {
  if (event.outcome === 'complaint') return { kind: 'complaint', reason: 'complaint', rule: event.rule };
  const said = findReason({ diagnostic, passage: '', codes });
  const finding = said.reason === 'undetermined' ? byProvider(event) : said;
  return { ...finding, kind: kindBy(event, finding) };
}

/** When the reply says nothing, or there is none. */
function byProvider({ outcome, reason, rule }: ProviderEvent): Finding {
  const fallback = outcome === 'refused' ? 'policyRefused' : 'undetermined';
  return { kind: kindOf(reason ?? fallback, outcome === 'temporary'), reason: reason ?? fallback, rule };
}

/** Providers know what came before: what they take for passing is not hard, and what they give up for nothing known is. */
function kindBy({ outcome }: ProviderEvent, { kind, reason }: Finding): FailureKind {
  if (outcome === 'delayed') return 'delayed';
  if (outcome === 'permanent' && reason === 'undetermined') return 'hard';
  return outcome === 'temporary' && kind === 'hard' ? 'soft' : kind;
}

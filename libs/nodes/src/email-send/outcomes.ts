import type { JsonObject } from '#libs/kernel';
import { OutboundMailError, type RecipientOutcome, type SentMail } from '#libs/outbound-mail';
import { codeOf, nodeErrorOf, present } from './failures.ts';
import type { KnownMail, MailResult, RecordedMail } from './mail-records.ts';

/** What became of a mail to one recipient in this attempt. */
export interface Outcome {
  readonly mail: RecordedMail;
  readonly result: MailResult;
  /** As outputs and errors have it. */
  readonly told: JsonObject;
  /** Why it was not sent; absent when it was, or was not to be. */
  readonly error?: OutboundMailError;
}

const KIND_OF = { accepted: 'sent', refused: 'refused', deferred: 'deferred' } as const;

/** Nothing was said to the server for these: they have it, or they are to get none. */
export function outcomeWithoutSending(mail: RecordedMail, known: KnownMail): Outcome | undefined {
  const { address } = mail;
  const silent = { replyCode: null, status: null, text: null };
  if (known.kind === 'sent') {
    const told = { address, outcome: 'accepted', byEarlierAttempt: true };
    return { mail, result: { kind: 'sent', reason: null, ...silent }, told };
  }
  if (known.kind !== 'suppressed') return undefined;
  const { suppressionId, reason, expiresAt } = known;
  const told = { address, outcome: 'suppressed', reason, suppressionId, expiresAt };
  return { mail, result: { kind: 'suppressed', reason, ...silent }, told };
}

export function outcomesOfSent(mails: readonly RecordedMail[], { recipients, response }: SentMail): Outcome[] {
  const [code] = /^\d{3}/.exec(response) ?? [];
  const last = { response, ...(code === undefined ? {} : { replyCode: Number(code) }) };
  return mails.map((mail) => {
    const said = recipients.find(({ address }) => address === mail.address);
    // What was taken at RCPT is sent by what was said to the whole.
    const isTaken = said === undefined || said.outcome === 'accepted';
    return outcomeOf(mail, isTaken ? { address: mail.address, outcome: 'accepted', ...last } : said);
  });
}

/** Of a transaction that came to nothing for all of its recipients. */
export function outcomesOfFailed(mails: readonly RecordedMail[], error: OutboundMailError): Outcome[] {
  return mails.map((mail) => {
    const said = error.recipients?.find(({ address }) => address === mail.address);
    if (said) return { ...outcomeOf(mail, said), error };
    const { replyCode, enhancedCode, response } = error;
    const kind = kindOf(error);
    return {
      mail,
      result: {
        kind,
        reason: codeOf(error),
        replyCode: replyCode ?? null,
        status: enhancedCode ?? null,
        text: response ?? error.message.slice(0, 500),
      },
      told: { address: mail.address, outcome: kind, ...present({ replyCode, enhancedCode, response }) },
      error,
    };
  });
}

function kindOf({ code }: OutboundMailError): MailResult['kind'] {
  if (code === 'SMTP_OUTCOME_UNKNOWN') return 'unknown';
  if (code === 'SMTP_DEFERRED') return 'deferred';
  return code === 'SMTP_REFUSED' ? 'refused' : 'unsent';
}

function outcomeOf(mail: RecordedMail, said: RecipientOutcome): Outcome {
  const { address, outcome, replyCode, enhancedCode, response } = said;
  const failure = outcome === 'accepted' ? undefined : failureOf(said);
  return {
    mail,
    result: {
      kind: KIND_OF[outcome],
      reason: failure ? codeOf(failure) : null,
      replyCode: replyCode ?? null,
      status: enhancedCode ?? null,
      text: response ?? null,
    },
    told: { address, outcome, ...present({ replyCode, enhancedCode, response }) },
    ...(failure ? { error: failure } : {}),
  };
}

/** Of one recipient among others that were taken. */
function failureOf({ address, outcome, replyCode, enhancedCode, response }: RecipientOutcome): OutboundMailError {
  const isDeferred = outcome === 'deferred';
  const code = isDeferred ? 'SMTP_DEFERRED' : 'SMTP_REFUSED';
  const message = `the server ${isDeferred ? 'does not take mail for' : 'refused'} ${address}${isDeferred ? ' now' : ''}: ${response ?? ''}`;
  return new OutboundMailError(code, message, {
    retryable: isDeferred,
    phase: 'rcpt',
    ...(replyCode === undefined ? {} : { replyCode }),
    ...(enhancedCode === undefined ? {} : { enhancedCode }),
    ...(response === undefined ? {} : { response }),
  });
}

/**
 * What each recipient is told of, when the node has done what it can. Throws its error otherwise: what is in doubt before
 * what may be tried again, since who has it is not sent it again; a refusal only when nobody has it.
 */
export function toldOrThrow(outcomes: readonly Outcome[]): readonly JsonObject[] {
  const told = outcomes.map((outcome) => outcome.told);
  const errors = outcomes.flatMap(({ error }) => (error ? [error] : []));
  const worst =
    errors.find(({ outcome }) => outcome === 'unknown') ??
    errors.find(({ retryable }) => retryable) ??
    errors.find(({ code }) => code !== 'SMTP_REFUSED');
  const hasSomebody = outcomes.some(({ result }) => result.kind === 'sent');
  const error = worst ?? (hasSomebody ? undefined : errors[0]);
  if (error) throw nodeErrorOf(error, told);
  return told;
}

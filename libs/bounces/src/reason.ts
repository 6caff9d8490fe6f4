import type { FailureKind, FailureReason } from './bounce-report.ts';
import { kindOf } from './failure-kind.ts';
import { plainText } from './plain-text.ts';
import { firstMatch, type TextRule } from './rules/rule.ts';
import { TELLING_RULES, VAGUE_RULES } from './rules/tables.ts';
import { isTemporary, type SmtpCodes } from './smtp-codes.ts';
import { isAfterContent } from './smtp-stage.ts';
import { aboutTheMail, replyReason, subjectReason, tellingReason } from './status-reasons.ts';

/** All that is known of why one recipient was not reached. */
export interface Evidence {
  readonly codes: SmtpCodes;
  /** What the other side said; empty when that is not told apart. */
  readonly diagnostic: string;
  /** What the notice says around it. */
  readonly passage: string;
}

export interface Finding {
  readonly kind: FailureKind;
  readonly reason: FailureReason;
  readonly rule: string;
}

type Named = Omit<TextRule, 'pattern'>;

/** Nothing that is known; it failed all the same. */
const UNTOLD: Named = { name: 'untold', reason: 'undetermined' };

/**
 * Words go before numbers, since servers choose those with more care: telling words of the other side, a telling status,
 * telling words of the notice, then vague words, the subject of the status, the reply code.
 */
export function findReason(evidence: Evidence): Finding {
  const diagnostic = plainText(evidence.diagnostic);
  const passage = plainText(evidence.passage);
  const byWords = byStatusOfSender(evidence.codes) ?? firstMatch(TELLING_RULES, diagnostic);
  const telling = byWords ?? byTellingStatus(evidence.codes) ?? firstMatch(TELLING_RULES, passage);
  const rule = telling ?? byVagueSigns(evidence.codes, diagnostic, passage) ?? UNTOLD;
  return conclude(rule, evidence, rule === byWords);
}

function conclude(rule: Named, evidence: Evidence, isSaid: boolean): Finding {
  const isUnknown = rule.reason === 'userUnknown';
  if (rule.kind !== undefined) return { kind: rule.kind, reason: rule.reason, rule: rule.name };
  if (isUnknown && isAfterContent(`${evidence.diagnostic}\n${evidence.passage}`)) {
    return { kind: 'soft', reason: 'recipientFilter', rule: 'recipientFilter.afterContent' };
  }
  // Whoever says for days that there is no such user means it, whatever the code in front of it promised.
  const isPassing = isTemporary(evidence.codes) && !(isUnknown && isSaid);
  return { kind: kindOf(rule.reason, isPassing), reason: rule.reason, rule: rule.name };
}

/** That which is wrong is called the same whether it is the recipient's or the sender's, but for the status. */
function byStatusOfSender(codes: SmtpCodes): Named | undefined {
  const rule = byTellingStatus(codes);
  return rule?.reason === 'senderRejected' ? rule : undefined;
}

function byTellingStatus({ status }: SmtpCodes): Named | undefined {
  const reason = status === undefined ? undefined : tellingReason(status);
  return reason && { name: `status.${status?.slice(2) ?? ''}`, reason };
}

function byVagueSigns(codes: SmtpCodes, diagnostic: string, passage: string): Named | undefined {
  const number = byNumber(codes);
  const isOfMail = codes.status !== undefined && aboutTheMail(codes.status);
  const rules = isOfMail ? VAGUE_RULES.filter(({ reason }) => reason !== 'userUnknown') : VAGUE_RULES;
  return firstMatch(rules, diagnostic) ?? (isOfMail ? number : undefined) ?? firstMatch(rules, passage) ?? number;
}

function byNumber({ status, replyCode }: SmtpCodes): Named | undefined {
  const bySubject = status === undefined ? undefined : subjectReason(status);
  if (bySubject) return { name: `status.${status?.split('.')[1] ?? ''}`, reason: bySubject };
  const byReply = replyCode === undefined ? undefined : replyReason(replyCode);
  return byReply && { name: `reply.${replyCode ?? ''}`, reason: byReply };
}

import { isFromMailSystem } from './notice.ts';
import { headerOf, isFromNobody, partsOf, type ReturnedMail } from './returned-mail.ts';

/** Headers that only programs which answer in place of a person set; RFC 3834 names none but `Auto-Submitted`. */
const ANSWER_HEADERS = [
  'x-autoreply',
  'x-autorespond',
  'x-autoresponder',
  'x-vacation',
  'x-auto-reply',
  'x-mail-autoreply',
];

const ANSWER_SUBJECT =
  /^(?:(?:re|fwd?|aw|sv|antwort) ?: ?)?(?:\[?(?:auto(?:matic|mated|matisch\w{0,3}|matyczna|matická)?)[ _:-]{0,3}(?:re(?:ply|sponse|sponder)|antwort|antwoord|answer|odpowied|odpov)|autosvar|out of (?:the )?office|out of town|away from (?:my |the )?(?:office|mail|e-?mail|desk)|on (?:vacation|holiday|leave)|vacation|i am (?:out|away|on)|i'm (?:out|away|on)|abwesenheit|abwesend|r[eé]ponse automatique|absence|respuesta autom[aá]tica|resposta autom[aá]tica|risposta automatica|fuera de (?:la )?oficina|自動応答|自動返信|不在)/i;

/** Asks the sender to prove something before the mail is let in. */
const CHALLENGE =
  /\b(?:please )?(?:confirm|verify|verification of) (?:that )?(?:your|you|the) (?:message|mail|e-?mail|address|delivery|sent|are human|identity)\b|\bprove (?:that )?you(?:'re| are) (?:not a|a |human)|\b(?:message|mail|e-?mail) (?:is |has been )?(?:being )?held (?:until|pending|awaiting)\b|\bchallenge[ -]response\b|\badd(?:ed)? (?:[\w']{1,12} ){0,4}(?:allowed|approved|safe|white)[ -]?(?:senders? )?list\b|\b(?:not|aren't) (?:yet )?(?:in|on) my (?:approved|allowed|white ?list|list of)\b/i;

const AWAY =
  /\b(?:out of (?:the )?office|on (?:annual |maternity |paternity |sick )?(?:vacation|holiday|leave)|away from (?:the office|my desk|my e?-?mail)|limited access to (?:my )?e-?mail|will (?:be back|return|reply) (?:on|to you|when|as soon)|automat(?:ic|ed) (?:reply|response))\b/i;

/**
 * An answer that a program gave for its owner: absences, receipts, challenges. The words of a notice may be in them, so
 * they are told before anything else; only a machine-readable report outranks them. Mail systems mark their own notices
 * `auto-replied` too, so that alone says nothing about those.
 */
export function isAutoReply(mail: ReturnedMail, said: string): boolean {
  if (isRefusal(mail, said)) return false;
  if (isMarkedAnswer(mail)) return true;
  if (isFromMailSystem(mail) || headerOf(mail, 'x-failed-recipients') !== '') return false;
  return isMarkedReplied(mail) || asksForProof(mail, said) || (isProgrammed(mail) && AWAY.test(said.slice(0, 2_000)));
}

/** Filters of the recipient refuse by a receipt that says "deleted" (RFC 5429): the one receipt that is no answer. */
function isRefusal(mail: ReturnedMail, said: string): boolean {
  const receipts = partsOf(mail, 'message/disposition-notification');
  const isDeleted = receipts.some(({ text }) =>
    /^disposition {0,2}:.{0,100}\b(?:deleted|denied|failed)\b/im.test(text),
  );
  return isDeleted && /\b(?:reject|refus)(?:ed|es)\b/i.test(`${mail.subject} ${said.slice(0, 2_000)}`);
}

/** People write of their holidays as well, but not so. */
function isProgrammed(mail: ReturnedMail): boolean {
  return isFromNobody(mail) || /^(?:bulk|junk)\b/i.test(headerOf(mail, 'precedence').trim());
}

function isMarkedAnswer(mail: ReturnedMail): boolean {
  return (
    ANSWER_HEADERS.some((name) => !/^(?:|no|false|0)$/i.test(headerOf(mail, name))) ||
    ANSWER_SUBJECT.test(mail.subject.trim()) ||
    /\bauto_?reply\b/i.test(headerOf(mail, 'precedence')) ||
    partsOf(mail, 'message/disposition-notification').length > 0
  );
}

function isMarkedReplied(mail: ReturnedMail): boolean {
  return (
    /^\s?auto-(?:replied|notified)/i.test(headerOf(mail, 'auto-submitted')) ||
    headerOf(mail, 'x-ms-exchange-generated-message-source') !== ''
  );
}

function asksForProof(mail: ReturnedMail, said: string): boolean {
  return CHALLENGE.test(mail.subject) || CHALLENGE.test(said.slice(0, 4_000));
}

import { isAutoReply } from './auto-reply.ts';
import { isFromMailSystem, type Notice } from './notice.ts';
import { headerOf, isFromNobody, type ReturnedMail } from './returned-mail.ts';

/** Says by itself that a mail came back. */
const SURE_SUBJECT =
  /\b(?:undeliver(?:ed|able)|undelivery|non-?deliver(?:y|able)|nondeliverable|not delivered|delivery (?:status )?(?:notification|report|failure|failed|error|problem|delayed|has failed|unsuccessful|status)|failure notice|failure notification|failed mail|returned (?:mail|to sender|e-?mail|message)|return(?:ed)?:? (?:mail|user)|mail (?:delivery )?(?:failure|failed|error|system error|not delivered|could not)|message (?:could not|not delivered|undeliverable|delayed)|(?:could|can) ?not be delivered|unable to deliver|warning: (?:could not|message)|bounced? (?:mail|message|notification)|automatically rejected|unzustellbar|nicht zugestellt|non remis|non distribu\w{1,5}|user unknown|unknown (?:user|recipient))\b|配信|届け|退信/i;
/** Fits what came back and other things as well. */
const SUBJECT =
  /\b(?:delivery|mail status|message status|could not send|mail(?:er)? ?error|bounced?|unsuccessful|rejected|failed|failure|processing error)\b|送信|エラー/i;

const ANSWERED = /^(?:re|fwd?|aw|wg) ?:/i;

const OPENING =
  /\b(?:(?:could|can) ?not be (?:delivered|sent|completed)|(?:wasn't|was not|not been|been not|unable to be|weren't|were not|couldn't be|isn't|not) (?:able to )?(?:be )?deliver(?:ed|able)?|unable to deliver|undeliver(?:ed|able)|delivery (?:to|has|of|failed|failure|attempt|status|temporarily|is delayed|report)|failed (?:to deliver|permanently|recipients?)|permanent (?:fatal )?errors?|had (?:permanent|transient|delivery)|not delivered|did not reach|didn't reach|could not deliver|cannot deliver|can't deliver|transcript of session|returned to (?:you|sender|the sender)|reasons? (?:for|was|is|given)|delivery problems?|error message|failed addresses|non-?delivery|rejected|message (?:was )?refused|unknown (?:user|recipient)|nicht zugestellt|unzustellbar|non remis)\b|配信|送信でき|届け/i;

const SURE_OPENING =
  /\b(?:(?:was|were)(?:n't| not) able to|unable to|could ?not be|can ?not be|couldn't be|not be) deliver(?:ed)?\b|\bundeliver(?:ed|able)\b|\bdid not reach\b/i;

/**
 * A notice without a machine-readable part. It has to come the way notices come, and not only to sound like one: people
 * quote notices, and quoting one must not suppress anybody.
 */
export function looksReturned(mail: ReturnedMail, notice: Notice): boolean {
  if (headerOf(mail, 'x-failed-recipients') !== '') return true;
  const subject = mail.subject.trim();
  const isNamed = (SURE_SUBJECT.test(subject) || SUBJECT.test(subject)) && !ANSWERED.test(subject);
  return comesAsNotice(mail, notice, isNamed) && (isNamed || OPENING.test(notice.said.slice(0, 8_000)));
}

/** It says what came back without more, so that one with no known reason is one as well. */
export function surelyReturned(mail: ReturnedMail, notice: Notice): boolean {
  if (headerOf(mail, 'x-failed-recipients') !== '' || notice.returned !== '') return true;
  const subject = mail.subject.trim();
  if (SURE_SUBJECT.test(subject) && !ANSWERED.test(subject)) return true;
  return isFromMailSystem(mail) && SURE_OPENING.test(notice.said.slice(0, 1_000));
}

function comesAsNotice(mail: ReturnedMail, notice: Notice, isNamed: boolean): boolean {
  if (isFromMailSystem(mail) || /\bmultipart\/report\b/i.test(headerOf(mail, 'content-type'))) return true;
  return isFromNobody(mail) && (isNamed || notice.returned !== '');
}

/**
 * Whether fields of reports count where they stand in the text, as gateways leave them. People and absences quote what they
 * got, and write lines that only look like fields.
 */
export function mayReportInText(mail: ReturnedMail, { said }: Notice): boolean {
  const isNotice = isFromNobody(mail) || isFromMailSystem(mail) || headerOf(mail, 'x-failed-recipients') !== '';
  return isNotice && !isAutoReply(mail, said);
}

/** It is still being tried. */
export function saysDelayed(mail: ReturnedMail, notice: Notice): boolean {
  const words = `${mail.subject}\n${notice.said.slice(0, 4_000)}`;
  if (/\b(?:permanent(?:ly)?|gave up|giving up|no further|will not be retried|not be retried|final)\b/i.test(words))
    return false;
  return /\b(?:will (?:keep|continue|be retried|retry|try again|keep trying)|do not need to re-?send|no need to re-?send|need not re-?send|delivery (?:is|has been|will be|temporarily) (?:delayed|suspended)|delayed (?:mail|delivery)|delivery.{0,20}delayed|still (?:trying|being)|warning message only|no action is required|remains? in (?:the |our )?queue)\b/i.test(
    words,
  );
}

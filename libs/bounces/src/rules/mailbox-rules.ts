import { rulesOf, type TextRule } from './rule.ts';

export const FULL_MAILBOXES: readonly TextRule[] = rulesOf('mailboxFull', {
  full: /\b(?:mail ?box|inbox|mail ?folder|account|mail ?drop|user'?s? (?:mail ?box|disk))(?: \w{1,12}){0,4} (?:too |over )?full\b|\bfull mail ?box\b|\bmail ?box(?: size)? (?:limit )?(?:has been |is |was )?exceed(?:s|ed)\b/,
  quota:
    /\b(?:over|exceed(?:s|ed|ing)?|beyond|out of|reached|above|insufficient)(?!(?: \w{1,12}){0,4} (?:daily|hourly|relay|sending|connection)\b)(?: \w{1,12}){0,4} (?:disk )?quota\b|\bquota(?: \w{1,12}){0,3} (?:exceed(?:s|ed)?|full|violation|reached|would be exceeded)\b|\bover ?quota\b|\bquotaexceeded\b/,
  storage:
    /\b(?:mail ?box|recipient|account|user|inbox)\b.{0,60}\b(?:storage|disk space|space limit|size limit|storage limit)\b|\b(?:insufficient|not enough|out of|exceeded|no more|exceeds?) (?:allocated |available |disk |mail ?box |user )?(?:storage|space)(?: allocation| limit| space)?\b(?! on device| left on device)/,
  tooMany:
    /\b(?:user|recipient|mail ?box|account) (?:has|contains|holds) too (?:many (?:messages|e-?mails|mails)|much mail)\b/,
  tooLarge:
    /\bmail ?box(?: \w{1,12}){0,3} (?:too (?:large|big)|maximum (?:allowed )?size)\b|\bmaximum allowed mailbox size\b|\bmail ?box\b.{0,40}\bexceeded\b/,
  japanese: /容量(?:が|を).{0,12}(?:超|一杯|いっぱい)|メールボックスが一杯/,
});

export const TOO_BIG: readonly TextRule[] = rulesOf('messageTooBig', {
  tooBig:
    /\b(?:message|mail|e-?mail|data|letter)(?: file)?(?: size)?(?: is| was)? too (?:big|large|long)\b|\btoo (?:big|large) (?:a )?(?:message|mail)\b/,
  size: /\b(?:message|mail|e-?mail)(?:'s)?(?: \w{1,12}){0,2} sizes?\b.{0,40}\b(?:exceed(?:s|ed)?|larger|greater|bigger|over|limit)\b|\bexceed(?:s|ed)?\b.{0,40}\b(?:maximum |max\.? |fixed |allowed )(?:message |mail )?(?:file )?size\b|\bexceed(?:s|ed)? (?:the )?(?:size limit|message size|size)\b/,
  larger: /\b(?:larger|bigger|longer) than(?: \w{1,12}){0,4} (?:limit|size|allow(?:s|ed)?|accepts?|maximum)\b/,
  restricted: /\brst\.(?:send|recip)sizelimit\b|\bsizelimit\b/,
});

import { rulesOf, type TextRule } from './rule.ts';

/** Words that say where it failed and not why; anything else that is known goes before them. */
export const VAGUE_ADDRESS: readonly TextRule[] = rulesOf('userUnknown', {
  unavailable:
    /\bmail ?box (?:is )?(?:unavailable|not available|name not allowed)\b|\bno mail ?box (?:is )?(?:available|found)\b|\brecipient (?:is )?(?:unavailable|not available)\b|\bno access to mailbox\b/,
  recipientRejected:
    /\b(?:recipients?|rcpt|user|address|mailbox)(?: address)?(?: was| is| has been| been)? (?:rejected|refused|not accepted|denied|not ok|undeliverable|not allowed|unrouteable|unroutable)\b(?!:? (?:on hold|delivery not|access denied by|policy|greylist|blocked))|\b(?:rejected|undeliverable|unrouteable|unroutable|refused) (?:recipient|address|user|mailbox)\b|\bdoes not like recipient\b|\bnot accept(?:ing)? (?:the )?recipient\b/,
});

export const VAGUE_POLICY: readonly TextRule[] = rulesOf('policyRefused', {
  policy: /\bpolic(?:y|ies)\b|\badministrative(?:ly)? (?:prohibition|denied|prohibited)\b|\bsecurity reasons\b/,
  refused:
    /\b(?:access|permission|delivery|transaction|message|mail|e-?mail|connection|sender|request|this)(?: \w{1,12}){0,3} (?:denied|rejected|refused|reject|blocked|prohibited|forbidden|not (?:authori[sz]ed|allowed|permitted|accepted)|discarded|disallowed|filtered)\b|\b(?:not (?:authori[sz]ed|allowed|permitted)|rejected|blocked|refused|banned|prohibited|denied) (?:by|for|to|as|due|because)\b|\byou (?:are|have been) (?:blocked|banned|not welcome)\b/,
});

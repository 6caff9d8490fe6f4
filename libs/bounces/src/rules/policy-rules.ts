import { rulesOf, type TextRule } from './rule.ts';

export const UNAUTHENTICATED: readonly TextRule[] = rulesOf('authFailure', {
  spf: /\b(?:bad|no|missing|invalid) spf\b|\bspf\b.{0,80}\b(?:fail(?:s|ed|ure)?|reject(?:ed|s)?|not (?:pass|permitted|allowed|authorized|designated|match)|denied|error|policy|violation|record|forbidden|check)\b|\b(?:fail(?:s|ed|ure)?|violat\w{1,6}|due to|because of|against|pass) .{0,30}\bspf\b|\bsender policy framework\b/,
  dkim: /\bdkim\b.{0,60}\b(?:fail(?:s|ed|ure)?|invalid|reject(?:ed)?|not (?:pass|verified|valid)|missing|bad|unsigned|signature)\b|\bfail(?:s|ed|ure)? .{0,30}\bdkim\b/,
  dmarc: /\bdmarc\b/,
  unauthenticated:
    /\bunauthenticated (?:e-?mail|mail)\b|\bpass(?:es)? authentication\b|\b(?:not|fails?|failed) (?:pass )?(?:e-?mail |sender |message |domain )?authentication (?:check|requirement|information|result)s?\b|\bauthentication (?:checks?|requirements?) (?:failed|not met)\b|\bsender ?id\b.{0,30}\b(?:fail|reject|pra)|\barc (?:validation|seal)\b.{0,20}\bfail/,
  forged: /\b(?:forged|spoofed|spoofing)\b/,
  notPermitted:
    /\b(?:ip|host|server|address)\b.{0,40} (?:is )?not (?:permitted|allowed|authorized|designated) to send (?:e-?mail |mail |messages )?(?:from|for|on behalf)/,
});

export const VIRUSES: readonly TextRule[] = rulesOf('virusDetected', {
  virus:
    /\b(?:virus(?:es)?|malware|infected|trojan|worm|malicious (?:code|content|attachment|file))\b(?! wall| scanner)/,
});

export const LISTED_HOSTS: readonly TextRule[] = rulesOf('blocked', {
  list: /\b(?:black|block|deny) ?-?list(?:s|ed|ing)?\b|\b(?:dns|rh?s?)bls?\b|\brbl\b|\bspamhaus\b|\bspamcop\b|\bsorbs\b|\bbarracudacentral\b|\bsenderscore\b|\bproofpoint\.com\/|\bcloudmark\b|\bblocked (?:using|by) [\w-]{1,30}\.[\w.-]{1,60}/,
  listed:
    /\b(?:ip|host|address|server|domain|client|sender|network|you)\b.{0,50}\b(?:is|are|was|been) (?:currently )?(?:listed|blocked|banned|blacklisted|denied)\b(?! to send)|\blisted (?:at|by|in|on) [\w-]{1,30}\.[a-z.]{2,30}/,
  reputation: /\breputation\b/,
  reverseName:
    /\b(?:ptr|rdns|fcrdns)\b|\breverse[ -](?:dns|lookup|mapping|hostname|host name|name|address|record|path lookup)\b|\b(?:no|cannot find your|can't find your|without|resolve your|missing|your) (?:valid )?(?:host ?name|reverse)\b|\bdoes not resolve to a (?:valid )?(?:host|domain|fqdn)|\bunresolvable (?:client|host|ip|sending)\b/,
  clientBlocked:
    /\b(?:client host|your (?:ip|host|server|network|mail server|mta|email server|message from|e-?mail server|domain))\b.{0,60}\b(?:block(?:ed)?|banned|rejected|reject|denied|refused|not allowed|not accepted|prohibited|blocklisted)\b|\b(?:client|connection|connections|ip|mail|messages|traffic|host|access|e-?mail) from (?:your |this |the |client )?(?:\[?[\d.]{7,15}\]?|ip|host|network|server|address|domain|mail server)\b.{0,60}\b(?:block(?:ed)?|banned|reject(?:ed)?|denied|refused|not (?:allowed|accepted)|prohibited|been blocked)\b/,
  dynamic:
    /\b(?:dial-?up|dynamic|residential|generic) (?:ip|host|pool|address|rdns|hostname|client)\b|\bdynamic(?:ally)?[ -](?:assigned|allocated)\b/,
  badName:
    /\b(?:helo|ehlo)\b.{0,60}\b(?:reject(?:ed)?|invalid|denied|bogus|not (?:found|valid|accepted|allowed|resolv\w{1,6})|fully-?qualified|mismatch|required|unknown)\b|\binvalid helo\b|\bneed fully-qualified hostname\b/,
  addressBlocked:
    /\b(?:banned sending ip|ip address (?:is )?(?:blocked|rejected)|blocked ip|bad ip|blocked (?:for|due to) (?:abuse|complaints))\b/,
});

export const SPAM: readonly TextRule[] = rulesOf('spamDetected', {
  spam: /\b(?:spam|spammy|spammers?|spamming|spamassassin|spam-like|junk ?mail|junk|unsolicited|bulk (?:mail|e-?mail|message)|ube|uce|phishing|scam)\b/,
  japanese: /迷惑メール/,
});

export const REFUSED_SENDERS: readonly TextRule[] = rulesOf('senderRejected', {
  sender:
    /\b(?:sender|originator|return[ -]path|mail from|envelope from|from address)(?: e-?mail)?(?: address| domain)?(?:'s)?(?: domain)?:?(?: was| is| has been| does| not| could| cannot| be| a| the){0,3} (?:rejected|refused|denied|exist|unknown|not found|invalid|blocked|verify failed|verification failed|unverifiable|accepted|resolve|verify|verified)\b/,
  verify:
    /\b(?:cannot|can't|could not|couldn't|unable to|failed to) (?:verify|resolve|validate|find)(?: \w{1,10}){0,2} (?:sender|from|domain of sender)\b|\bsender (?:verify|verification|callback)\b.{0,40}\bfail|\bcallout verification\b/,
  badSender:
    /\b(?:invalid|bad|unknown|unresolvable|unroutable|unrouteable|illegal|non-existent|unauthori[sz]ed|rejected) (?:sender|from|return path|mail from|envelope sender|reverse-path)\b|\bdomain of sender\b|(?:^| )from: ?(?:\w{1,12} ){1,3}(?:invalid|not valid)\b/,
  refusedFrom:
    /\b(?:mail|messages?|e-?mails?) from(?: your| this| the)?(?: e-?mail)?(?: address| domain| sender)?(?: is| are| was)?(?: not)? ?(?:refused|rejected|blocked|denied|accepted here|allowed here|banned)\b/,
});

export const BAD_CONTENT: readonly TextRule[] = rulesOf('contentRejected', {
  content:
    /\b(?:message|mail|e-?mail|blocked|prohibited|inappropriate|forbidden|restricted|offensive|bad|illegal|unacceptable|rejected|suspicious) content\b|\bcontent(?: of (?:the|your|this) (?:message|mail))?(?: was| is| has been)? (?:reject(?:ed)?|denied|blocked|not (?:allowed|accepted)|filter(?:ed|ing)?|restriction|presents)\b|\bcontent[ -]filter/,
  attachment:
    /\b(?:attachments?|file types?|executables?|zip files?)\b.{0,60}\b(?:not (?:allowed|accepted|permitted)|blocked|prohibited|banned|rejected|denied|forbidden|stripped|disallowed|restrict\w{1,4})\b|\b(?:blocked|prohibited|banned|forbidden|illegal|dangerous) (?:attachments?|file)\b/,
  form: /\brfc ?-?(?:2?822|5322|2045|2047|1123|5321|2821)\b(?! ?;)|\b(?:missing|invalid|duplicate|malformed|multiple|bad|improper|illegal) (?:\w{1,15}: ?|required |mandatory |message |mime |mail )?(?:header|headers|from|date|message-id|mime|subject|structure)\b|\bheaders? (?:is |are |was )?(?:missing|invalid|malformed|rejected|too (?:long|large))\b|\bbare (?:lf|cr|newline)/,
  multiple: /\b(?:duplicate|multiple) (?:\w{1,15} ){0,3}(?:headers?|addresses in from)\b/,
  link: /\b(?:urls?|links?)\b.{0,40}\b(?:blocked|listed|blacklisted|prohibited|not allowed|malicious|shorten\w{1,5})\b/,
  policy:
    /\b(?:policy (?:violation|reject|rejection|restrictions?)|violat(?:es|ed|ion)(?: \w{1,12}){0,4} polic(?:y|ies))\b/,
  conversion:
    /\b(?:conversion|8-?bit|8bitmime|smtputf8|binarymime)\b.{0,40}\b(?:not (?:supported|possible|allowed)|required|prohibited|failed|unsupported)\b/,
});

export const RECIPIENT_FILTERS: readonly TextRule[] = rulesOf('recipientFilter', {
  allowedSenders:
    /\b(?:only|not) accept(?:s|ing|ed)? (?:any )?(?:mail|messages|e-?mail)s? (?:\w{1,10} )?(?:from|for)\b|\brestrict(?:ed|s)? (?:\w{1,12} ){0,4}(?:senders?|recipients?|addresses|to send)\b/,
  group:
    /\bmay not exist,? or you (?:may|might) not have permission\b|\b(?:moderated|closed|members?[ -]only) (?:group|list|mailing list)\b/,
  notAuthorized:
    /\brst\.(?:notauthorized|authrequired)\b|\b(?:not (?:allowed|permitted|authori[sz]ed)|(?:don't|do not) have permission|no permission) to (?:send|post|e-?mail|mail|submit|write|deliver|contact)\b(?! (?:\w{1,10} )?(?:on behalf|from))/,
  refusesYours:
    /\b(?:recipient|user|addressee|mailbox owner|account owner)(?: \w{1,10}){0,2} (?:refuses?|rejects?|declines?|does not want|doesn't want|doesn't accept|blocked|has rejected|has blocked|has refused|rejected)(?: \w{1,10}){0,3} (?:mail|messages?|e-?mails?|sender|you)\b/,
  filter:
    /\b(?:rejected|refused|blocked|discarded|filtered) (?:by|because of|due to)(?: \w{1,10}){0,2} ?(?:user|recipient|personal|custom|mailbox)(?: \w{1,10}){0,2} (?:filter|rule|preferences|settings|request)s?\b|\b(?:user|recipient|sieve) filter\b/,
});

export const NO_RELAY: readonly TextRule[] = rulesOf('relayDenied', {
  relaying:
    /\brelay(?:ing|s|ed)?(?: \w{1,12}){0,3} (?:denied|not (?:permitted|allowed|supported|authorized|enabled|available)|prohibited|refused|rejected|disallowed|restricted|blocked)\b/,
  notConfigured: /\b(?:not configured|refuses?|unwilling|insecure(?: mail)?)(?: to)? relay\b/,
  noRelay:
    /\b(?:unable to|not permitted to|not allowed to|cannot|can't|do not|don't|will not|won't|not authorized to|refuse to|no|not|please) relay(?:ing)?\b|\bnot a gateway\b|\brcpthosts\b|\brelay access denied\b|\bunauthorized relay\b|\bopen relay\b|\bwe do not relay\b|\brelay(?:ing)? denied\b|\blocal relay\b.{0,20}\bdenied/,
});

export const INSECURE: readonly TextRule[] = rulesOf('securityError', {
  notAuthorised: /\bdelivery not authori[sz]ed\b/,
  tls: /\b(?:starttls|tls|ssl|certificate|cipher|dane|mta-sts|tlsa)\b.{0,60}\b(?:required?|fail(?:ed|ure|s)?|error|unavailable|not (?:offered|supported|available|trusted|verified|match)|mismatch|expired|issue|untrusted|handshake|negotiat\w{1,5})\b|\b(?:require[sd]?|must issue a?|need|must use) (?:a )?(?:starttls|tls|ssl|encryption)\b|\bencryption (?:is )?(?:required|needed)\b/,
  login:
    /\bunauthenticated senders?\b|\bturn on smtp auth|\b(?:smtp |client )?auth(?:entication|orization)?(?: is| was)? (?:required|needed|failed|failure|unsuccessful|credentials invalid|turned on)\b|\bmust (?:be |first )?(?:authenticated?|log ?in|login)\b|\bauthenticate (?:first|yourself|before)\b|\bpop before smtp\b|\b(?:invalid|bad) (?:credentials|password|authentication)\b|\bcheck (?:for )?(?:new )?mail (?:first|before sending)\b/,
});

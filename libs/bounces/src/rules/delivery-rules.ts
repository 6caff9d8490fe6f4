import { rulesOf, type TextRule } from './rule.ts';

export const TOO_MUCH: readonly TextRule[] = rulesOf('rateLimited', {
  tooMany:
    /\btoo many (?:\w{1,12} ){0,2}(?:connections?|messages?|mails?|e-?mails?|recipients?|sessions?|errors?|requests?|concurrent|emails|bad commands|invalid recipients|unknown recipients|smtp|per|hits|transactions)\b/,
  rate: /\brate ?-?limit(?:ed|ing|s)?\b|\bthrottl(?:ed|ing|e)\b|\b(?:sending|message|mail|hourly|daily|connection|rate|recipients?)(?: \w{1,10}){0,2} (?:rate|limit|quota)(?: \w{1,10}){0,2} (?:exceed(?:s|ed)?|reached|over)\b|\b(?:exceed(?:s|ed|ing)?|reached)(?: \w{1,10}){0,3} (?:rate|hourly|daily|sending|connection)(?: \w{1,10}){0,2} (?:limit|quota|rate)s?\b|\brate that (?:prevents|exceeds)\b|\bconnection (?:limit|frequency)\b|\btoo (?:fast|frequent(?:ly)?|quickly|much mail)\b|\bmail flood\b|\bunusual(?:ly)? (?:high )?(?:rate|volume|traffic)\b|\bmax(?:imum)? (?:number of )?(?:connections|sessions)\b|\brecipient limit exceeded\b/,
  greylist: /\bgr[ea]y-?list(?:ed|ing)?\b/,
});

export const UNREACHABLE: readonly TextRule[] = rulesOf('networkError', {
  connection:
    /\bconnection(?: \w{1,12}){0,3} (?:timed? ?-?out|refused|reset|lost|closed|dropped|failed|died|broken|aborted|terminated|error|failure|timeout)\b|\b(?:lost|dropped|broken|no|bad) connection\b|\b(?:timeout|timed out|refused) (?:connection|while|during|waiting|connecting)\b/,
  noRoute:
    /\bno route to host\b|\bnetwork(?: is)? (?:unreachable|error|down|problem)\b|\bhosts?(?: \w{1,40})?(?: is| are| was)? (?:unreachable|not respond(?:ing)?|not reachable|down|did not respond)\b|\boperation timed out\b|\bbroken pipe\b/,
  noConnection:
    /\b(?:can't|cannot|couldn't|could not|unable to|wasn't able to|not able to|failed to|failure in) (?:establish an? )?(?:\w{1,10} )?(?:connect(?:ing)?|connection|contact|reach|communicate|send mail through)\b/,
  loop: /\btoo many (?:hops|received|hop count)\b|\b(?:mail|routing|message|forwarding|local|delivery|possible) loops?(?:ing)?\b|\bloops? back\b|\bhop ?count exceeded\b|\bloop(?:ing)? (?:detected|count|found)\b|\bmaximum hop\b|\bhop limit\b/,
  nameServer:
    /\b(?:dns|name ?server|name service|mx|domain|host|a record|mx record)(?: \w{1,12}){0,3}(?: lookup| query| resolution| server| error)(?: \w{1,10}){0,2} (?:fail(?:ed|ure)|timeout|timed out|servfail|try again|error|problem)\b|\bservfail\b|\btemporary (?:lookup|name resolution|resolution|dns) (?:failure|error)\b|\b(?:host|name)(?: or domain name)? not found,? try again\b|\bhost ?name lookup fail\w{1,4}\b|\btry again later: lookup\b/,
});

export const EXPIRED: readonly TextRule[] = rulesOf('expired', {
  expired:
    /\b(?:message|mail|delivery|retry|queue|time|lifetime)(?: \w{1,12}){0,3} (?:expired?|timed? ?-?out|has expired|timeout exceeded|exceeded its lifetime)\b|\bretry time(?:out)? (?:not reached|exceeded)\b|\bretry timeout\b|\bdelivery time expired\b/,
  aborted: /\baborted after\b|\bfailing for a long time\b|\bhave been failing\b/,
  tooLong:
    /\b(?:in|on) (?:the )?(?:mail )?(?:queue|system) (?:for )?(?:too long|longer than|for more than)\b|\b(?:queued?|undelivered|undeliverable|not been delivered|not delivered|could not be delivered|tried|trying|attempted|unable to deliver|undeliverable)\b.{0,60}\b(?:for|within|after|in|over|past|last) (?:more than |over |the last |the past |about |at least |than )?\d{1,4} ?(?:hours?|days?|minutes?|h|d)\b|\btoo (?:old|long in the queue)\b|\bgiving up\b|\bmaximum (?:retry|delivery|queue) (?:time|period)\b|\bmax(?:imum)? (?:number of )?(?:retries|attempts)\b|\bretry(?:ing)? limit\b/,
});

export const BROKEN_SYSTEMS: readonly TextRule[] = rulesOf('systemError', {
  diskFull:
    /\b(?:no space left|disk full|device full|filesystem full|insufficient system (?:storage|resources)|out of memory|insufficient (?:memory|resources)|system (?:storage|resource)s?(?: \w{1,10}){0,2} exceed\w{1,4}|system full|low on (?:disk|space|resources))\b/,
  configuration:
    /\b(?:configuration|config|local|internal|system|server|database|ldap|queue file write|unexpected|unknown mail server|unknown|mailer|filter|protocol|i\/o|input\/output|write|read|data)(?: server| system| format)? (?:error|problem|failure|exception|fault)\b|\bmisconfigur\w{1,5}\b/,
  program:
    /\b(?:command|program|process|script|pipe|procmail|maildrop|filter|mailer|mail ?delivery agent|child)(?: \w{1,12}){0,3} (?:died|failed|exited|terminated|returned|timed out|crashed|cannot be executed|killed|error)\b|\bunknown mailer error\b|\bexit status\b|\bcannot exec\b|\bnot an executable\b/,
  files:
    /\b(?:can't|cannot|couldn't|could not|unable to|failed to) (?:create|open|write|lock|append|access|read|update|load|stat|chdir|save|store|fork)\b|\bpermission denied\b|\bread-only file system\b/,
  syntax:
    /\bsyntax error\b|\bcommand (?:not recognized|unrecognized|not implemented|out of sequence)\b|\bunrecognized command\b|\bbad sequence of commands\b|\bunsupported command\b|\bimproper use of\b/,
  temporary:
    /\btemporar(?:y|ily)(?: \w{1,12}){0,2} (?:problem|failure|error|unavailable|rejected|deferred|fault)\b|\bservice (?:is )?(?:currently |temporarily )?(?:not available|unavailable)\b|\btry (?:again|later)\b|\bmaintenance\b/,
});

import { rulesOf, type TextRule } from './rule.ts';

const WHO =
  '(?:user(?: ?name| ?id)?|recipients?|mail[ -]?box|(?:e-?mail |mail )?account|(?:e-?mail |delivery |recipient |destination )?address(?:ee)?|alias|local[ -]?part|subscriber|customer|member|person|login|rcpt|inbox)';
const IS =
  "(?: (?:for|of|to|name|id|that you tried to reach|you tried to reach|in question|specified|given|here|is|was|are|has been|appears to be|seems to be|could|can|cannot|can't|couldn't|be|either|currently)){0,4}";

const pattern = (source: string): RegExp => new RegExp(source);

/** Said so that it can't be a filter that hides behind the usual words. */
export const SURELY_UNKNOWN: readonly TextRule[] = rulesOf(
  'userUnknown',
  {
    noValidRecipient: /\bno valid recipients?\b|\bnone of the recipients\b.{0,30}\bvalid\b/,
    noMailbox:
      /\b(?:does not|doesn't|do not|don't) have an? [\w.-]{0,60} ?(?:\([\w. -]{0,40}\) )?(?:e-?mail )?(?:account|mailbox)\b|\bno mailbox here\b|\bno account by that name\b/,
    lookupTable: /\bin (?:virtual|local|relay|hosted) (?:mailbox|alias|recipient) (?:maps?|table)\b/,
    directory:
      /\bnot (?:found|listed) (?:in|at) (?:the |this )?(?:\w{1,20} ){0,2}(?:directory|name & address book|address book|server|domain)\b|\brecipnotfound\b|\brecipientnotfound\b/,
  },
  'hard',
);

/** The address does not exist where its domain is. */
export const UNKNOWN_USERS: readonly TextRule[] = rulesOf('userUnknown', {
  unknown: pattern(
    `\\b${WHO}[:;,.]?${IS} (?:un ?known|not known|unrecognized|unrecognised|undefined|non-?existent|inexistent)\\b`,
  ),
  notFound: pattern(
    `\\b${WHO}[:;,.]?${IS} (?:not|n't be|wasn't|isn't) (?:be )?(?:found|recognized|recognised|registered|resolved)\\b`,
  ),
  doesNotExist: pattern(
    `\\b${WHO}[:;,.]?${IS} (?:doesn't|does not|didn't|did not|don't|do not|no longer|not) exists?\\b`,
  ),
  notValid: pattern(
    `\\b${WHO}[:;,.]?${IS} (?:in-?valid|not (?:a )?(?:valid|known|local|listed|existing|hosted)|isn't valid)\\b`,
  ),
  unknownUser: pattern(
    `\\b(?:unknown|no such|non-?existent|unrecognized|not an? (?:valid|known|existing|active)|isn't an? (?:valid|known|active)) (?:\\w{1,12} )?${WHO}\\b(?! error)`,
  ),
  invalidUser: pattern(
    `\\b(?:invalid|bad|wrong|incorrect|illegal) (?:final delivery |destination |local |recipient |final )?${WHO}s?\\b(?! syntax)`,
  ),
  noUser: pattern(
    `\\b(?:no|not a|is no) (?:local |such |valid |known )?(?:user|mailbox|account|person|recipient|one)s? (?:is )?(?:here|by that name|with that name|of that name|at this|found|named|exists)\\b`,
  ),
  edgeBlock: /\brecipient address rejected: access denied\b/,
  notOurs:
    /\bnot our customer\b|\bdoes(?:n't| not) live here\b|\bno longer (?:works?|with|employed) (?:here|at|for|us|the company)\b/,
  germanUnknown:
    /\b(?:benutzer|empf(?:ae|ä)nger|adressat|postfach|mailbox)(?:adresse)? (?:ist )?(?:hier )?(?:unbekannt|nicht bekannt|existiert nicht)/,
  romanceUnknown:
    /\b(?:utilisateur|destinataire|adresse|boite|usuario|destinatario|destinat[aá]rio|usu[aá]rio|utente|indirizzo|casella)(?: [\p{L}'-]{1,15}){0,4} (?:inconnue?|introuvable|n'existe pas|invalide|desconocido|desconhecido|inexistente|no existe|n[aã]o existe|sconosciut[oa]|no encontrado)(?!\p{L})/u,
  eastAsianUnknown:
    /(?<!グループ.{0,40})存在しません|(?:宛先|あて先|ユーザー?|アドレス).{0,20}見つかりません|ディレクトリ.{0,12}(?:ありません|見つかりません)|(?<!可能)不存在|没有找到|존재하지 않/,
});

/** The domain, or its host, does not exist. */
export const UNKNOWN_HOSTS: readonly TextRule[] = rulesOf('hostUnknown', {
  unknownHost:
    /\b(?:unknown|no such|non-?existent|invalid|unresolvable|illegal|bad destination|bad) (?:mail )?(?:host|domain)s?(?: ?name| name| system address|\/domain)?\b(?! or user)(?!.{0,30}\bfor sender)/,
  hostUnknown:
    /\b(?:host|domain|domain name|mail domain|dns domain)(?: name)?[:,]?(?: [\w.-]{1,80})?(?: is| was| does| could| can)?(?: be)? ?(?:unknown|not known|not found|does not exist|doesn't exist|not exist|cannot be found|couldn't be found|not be found|unresolvable)\b(?!.{0,12}try again)/,
  nxdomain:
    /\bnxdomain\b|\bname or service not known\b|\bhost or domain name not found\b(?!.{0,100}try again)|\bunrouteable mail domain\b|\bno such domain\b/,
  noHostNamed:
    /\b(?:couldn't|could not|can't|cannot) find any host(?: by that name| named)?\b|\bno host (?:found|by that name)\b|\bnon-existent hosts\b/,
});

/** The one who had it is elsewhere. */
export const MOVED: readonly TextRule[] = rulesOf('hasMoved', {
  moved:
    /\b(?:user|recipient|mailbox|account|address|customer|person)(?: is| has)?(?: been)? (?:moved|relocated|migrated)\b|\bhas moved to\b/,
  changed:
    /\b(?:e-?mail |mail )?address(?: has| was)?(?: been)? changed\b|\bnew (?:e-?mail )?address is\b|\bplease (?:use|try) the (?:new|following) (?:e-?mail )?address\b/,
});

/** The domain says that it takes no mail. */
export const NO_MAIL: readonly TextRule[] = rulesOf('notAccepted', {
  nullMx: /\bnull ?mx\b|\bindicated no smtp service\b/,
  noMailHost:
    /\b(?:domain|host|server|system|machine|address)(?: [\w.-]{1,80})? (?:does not|doesn't|do not|will not) (?:accept|receive|take) (?:any )?(?:e-?mail|mail|messages)\b(?! from)/,
  noExchanger:
    /\b(?:couldn't|could not|can't|cannot|unable to) find an? (?:mail exchanger|mx)\b|\bno (?:mx|mail exchanger)s? (?:or \w{1,2} )?(?:records? )?(?:found|for|exists?|available)\b/,
});

const STATE = '(?:is|was|has been|have been|been|currently|now|temporar(?:il)?y|either|due to inactivity)';

/** Not there any more for good. */
export const CLOSED: readonly TextRule[] = rulesOf(
  'suspended',
  {
    closed: pattern(
      `\\b${WHO}(?: ${STATE}){0,3} (?:closed|discontinued|terminated|deleted|removed|cancell?ed|decommissioned|retired)\\b`,
    ),
    noLongerUsed: pattern(
      `\\b${WHO}(?: ${STATE}){0,3} no longer (?:in use|in service|active|used|valid|available|monitored|accepting|accepts|on this server|here|an? )`,
    ),
  },
  'hard',
);

export const SUSPENDED: readonly TextRule[] = rulesOf('suspended', {
  disabled: pattern(
    `\\b${WHO}(?: ${STATE}){0,3} (?:suspended|disabled|inactive|in-active|deactivated|de-activated|locked|frozen|on hold|not active|expired|blocked|unavailable due to)\\b`,
  ),
  disabledUser: /\b(?:disabled|suspended|inactive|locked|deactivated) (?:mail ?box|account|user|recipient|address)\b/,
  notAccepting:
    /\b(?:mail ?box|account|user|recipient|inbox)\b.{0,20} (?:not|isn't|not currently) (?:currently )?accept(?:ing)? (?:any )?(?:messages|mail|e-?mail)\b(?! from)/,
});

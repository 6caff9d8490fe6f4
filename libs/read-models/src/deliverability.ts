import { Conditions } from './conditions.ts';
import type { Database } from './database.ts';
import { MAIL_AFTERMATHS, MAIL_STATUSES, type MailAftermath, type MailStatus } from './mail-record.ts';

/** Which mails of a workspace, by when they were first told of. */
export interface DeliverabilityQuery {
  readonly workspaceId: string;
  /** Of the mail server that they were handed to. */
  readonly credentialId?: string | undefined;
  /** At or after. */
  readonly from: string;
  /** Before. */
  readonly to: string;
  /** So many of the newest are counted. */
  readonly mostMails: number;
}

/** `mails` are all of them; each has one status, and any of bounces, complaints and who unsubscribed besides. */
export type MailCounts = Readonly<Record<'mails' | MailStatus | MailAftermath, number>>;

/** Why mails were not sent, or came back. */
export interface TroubleCount {
  readonly status: Exclude<MailStatus, 'sending' | 'sent'> | 'bounced';
  readonly reason: string | null;
  readonly enhancedStatus: string | null;
  readonly count: number;
}

export interface Deliverability {
  readonly totals: MailCounts;
  /** Those with most mails first; then by name. */
  readonly domains: readonly ({ readonly domain: string } & MailCounts)[];
  /** All domains that are not among these, together. */
  readonly others: { readonly domains: number } & MailCounts;
  readonly reasons: readonly TroubleCount[];
}

/** Domains and reasons that are told one by one. */
export const MOST_TOLD = 100;

const COUNTS = [
  `coalesce(sum(n), 0)::int as mails`,
  ...MAIL_STATUSES.map((status) => `coalesce(sum(n) filter (where status = '${status}'), 0)::int as ${status}`),
  ...MAIL_AFTERMATHS.map((one) => `coalesce(sum(n) filter (where ${one}), 0)::int as ${one}`),
].join(', ');

/** All in one pass over the mails: those that are alike become one row, of which there are few. */
export async function countDeliverability(database: Database, query: DeliverabilityQuery): Promise<Deliverability> {
  const conditions = conditionsOf(query);
  const [row] = await database.query<Counted>(
    `with counted as (
       select domain, status, reason, enhanced_status, bounced_at is not null as bounced, bounce_kind,
         bounce_enhanced_status, complained_at is not null as complained, unsubscribed_at is not null as unsubscribed
       from mails where ${conditions.sql} order by created_at desc, mail_key desc limit ${query.mostMails}
     ),
     alike as materialized (
       select domain, status, reason, enhanced_status, bounced, bounce_kind, bounce_enhanced_status, complained,
         unsubscribed, count(*) as n
       from counted group by 1, 2, 3, 4, 5, 6, 7, 8, 9
     ),
     troubles as (
       select status, reason, enhanced_status as "enhancedStatus", n from alike where status not in ('sending', 'sent')
       union all
       select 'bounced', bounce_kind, bounce_enhanced_status, n from alike where bounced
     )
     select
       (select row_to_json(t) from (select ${COUNTS} from alike) t) as totals,
       (select count(distinct domain)::int from alike) as domain_count,
       (select coalesce(json_agg(t), '[]') from (
         select domain, ${COUNTS} from alike group by domain order by mails desc, domain limit ${MOST_TOLD}) t) as domains,
       (select coalesce(json_agg(t), '[]') from (
         select status, reason, "enhancedStatus", sum(n)::int as count from troubles
         group by 1, 2, 3 order by count desc, 1, 2, 3 limit ${MOST_TOLD}) t) as reasons`,
    conditions.parameters,
  );
  const { totals, domain_count: domainCount, domains, reasons } = row ?? NOTHING;
  return { totals, domains, others: { domains: domainCount - domains.length, ...without(totals, domains) }, reasons };
}

interface Counted extends Omit<Deliverability, 'others'> {
  readonly domain_count: number;
}

function conditionsOf({ workspaceId, credentialId, from, to }: DeliverabilityQuery): Conditions {
  const conditions = new Conditions();
  conditions.add((place) => `workspace_id = ${place}`, workspaceId);
  conditions.add((place) => `credential_id = ${place}`, credentialId);
  conditions.add((place) => `created_at >= ${place}`, from);
  conditions.add((place) => `created_at < ${place}`, to);
  return conditions;
}

const COUNTED = ['mails', ...MAIL_STATUSES, ...MAIL_AFTERMATHS] as const;

function countsBy(count: (name: keyof MailCounts) => number): MailCounts {
  return Object.fromEntries(COUNTED.map((name) => [name, count(name)])) as MailCounts;
}

const NOTHING: Counted = { totals: countsBy(() => 0), domain_count: 0, domains: [], reasons: [] };

function without(totals: MailCounts, domains: readonly MailCounts[]): MailCounts {
  return countsBy((name) => domains.reduce((left, domain) => left - domain[name], totals[name]));
}

import { addressKeyOf } from '#libs/mail-addresses';
import { Conditions, type ListPlace } from './conditions.ts';
import type { Database } from './database.ts';
import { isAftermath, type MailAftermath, type MailRecord, type MailStatus } from './mail-record.ts';
import { MAIL_COLUMNS, mailRecordOf, type MailRow } from './mail-table.ts';
import { storableText } from './rows.ts';

/** A page of a workspace's mails, newest first. */
export interface MailQuery {
  readonly workspaceId: string;
  readonly executionId?: string | undefined;
  /** In any case. */
  readonly address?: string | undefined;
  /** What sending came to, or what happened later, whatever else did. */
  readonly status?: MailStatus | MailAftermath | undefined;
  /** In any case. */
  readonly domain?: string | undefined;
  /** Only those after this one in the list's order. */
  readonly after?: ListPlace | undefined;
  readonly limit: number;
}

export async function listMails(database: Database, query: MailQuery): Promise<MailRecord[]> {
  const { workspaceId, executionId, address, status, domain, after, limit } = query;
  const conditions = new Conditions();
  conditions.add((place) => `workspace_id = ${place}`, workspaceId);
  conditions.add((place) => `execution_id = ${place}`, executionId && storableText(executionId));
  conditions.add((place) => `address_key = ${place}`, address && storableText(addressKeyOf(address)));
  conditions.add((place) => `domain = ${place}`, domain && storableText(domain.toLowerCase()));
  conditions.add((place) => `status = ${place}`, isAftermath(status) ? undefined : status);
  conditions.addAfter(after, 'mail_key');
  const aftermath = isAftermath(status) ? ` and ${status}_at is not null` : '';
  const rows = await database.query<MailRow>(
    `select ${MAIL_COLUMNS} from mails where ${conditions.sql}${aftermath}
     order by created_at desc, mail_key desc limit ${limit}`,
    conditions.parameters,
  );
  return rows.map(mailRecordOf);
}

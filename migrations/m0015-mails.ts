import { Migration } from '@mikro-orm/migrations';

const NEWEST_MAILS = 'created_at desc, mail_key desc';
const NEWEST_SUPPRESSIONS = 'created_at desc, id desc';

const INDEXES = [
  `mails_by_time on mails (workspace_id, ${NEWEST_MAILS})`,
  `mails_by_execution on mails (execution_id, ${NEWEST_MAILS})`,
  `mails_by_address on mails (workspace_id, address_key, ${NEWEST_MAILS})`,
  `mails_by_domain on mails (workspace_id, domain, ${NEWEST_MAILS})`,
  `mails_by_credential on mails (workspace_id, credential_id, ${NEWEST_MAILS})`,
  `mails_by_status on mails (workspace_id, status, ${NEWEST_MAILS})`,
  `mails_bounced on mails (workspace_id, ${NEWEST_MAILS}) where bounced_at is not null`,
  `mails_complained on mails (workspace_id, ${NEWEST_MAILS}) where complained_at is not null`,
  `mails_unsubscribed on mails (workspace_id, ${NEWEST_MAILS}) where unsubscribed_at is not null`,
  `mails_by_age on mails (updated_at)`,
  `suppressions_by_time on suppressions (workspace_id, ${NEWEST_SUPPRESSIONS})`,
  `suppressions_by_address on suppressions (workspace_id, address_key, ${NEWEST_SUPPRESSIONS})`,
  `suppressions_by_reason on suppressions (workspace_id, reason, ${NEWEST_SUPPRESSIONS})`,
  `suppressions_by_topic on suppressions (workspace_id, topic, ${NEWEST_SUPPRESSIONS})`,
];

/**
 * The read models of `EMAILS`, and of the list of addresses that get no mail. What came back or was said of a mail later
 * (`bounce_…`, `complained_at`, `unsubscribed_at`) stands beside what sending it came to.
 */
export class Mails extends Migration {
  override up(): void {
    this.addSql(`
      create table mails (
        mail_key text primary key,
        workspace_id text not null,
        execution_id text not null,
        node_id text not null,
        credential_id text not null,
        address text not null,
        -- As lists of addresses compare it.
        address_key text not null,
        domain text not null,
        topic text,
        status text not null,
        attempts int not null,
        reason text,
        reply_code int,
        enhanced_status text,
        text text,
        bounced_at timestamptz,
        bounce_kind text,
        bounce_reply_code int,
        bounce_enhanced_status text,
        bounce_text text,
        complained_at timestamptz,
        unsubscribed_at timestamptz,
        created_at timestamptz not null,
        updated_at timestamptz not null
      )`);
    this.addSql(`
      create table suppressions (
        id text primary key,
        workspace_id text not null,
        address text not null,
        address_key text not null,
        topic text,
        reason text not null,
        detail text,
        execution_id text,
        created_at timestamptz not null,
        expires_at timestamptz
      )`);
    for (const index of INDEXES) this.addSql(`create index ${index}`);
  }

  override down(): void {
    this.addSql(`drop table mails, suppressions`);
    this.addSql(`delete from projection_checkpoints where stream in ('EMAILS', 'KV_suppressions')`);
  }
}

import { Migration } from '@mikro-orm/migrations';

/**
 * The read model of `DELIVERIES`, and where a webhook is found by its id. Webhooks that are there already are written when
 * the projector reads the log of workflows again, which leaves the rows of workflows as they are.
 */
export class Deliveries extends Migration {
  override up(): void {
    this.addSql(`
      create table webhooks (
        id text primary key,
        workspace_id text not null,
        workflow_id text not null,
        node_id text not null
      )`);
    this.addSql(`update projection_checkpoints set sequence = 0, digest = '' where stream = 'WORKFLOWS'`);
    this.addSql(`
      create table deliveries (
        id text primary key,
        webhook_id text not null,
        workspace_id text not null,
        outcome text not null,
        status int not null,
        reason text,
        method text,
        ip text,
        calls int not null,
        created_at timestamptz not null
      )`);
    this.addSql(`create index deliveries_by_webhook on deliveries (webhook_id, created_at desc, id desc)`);
    this.addSql(`create index deliveries_by_reason on deliveries (webhook_id, reason, created_at desc, id desc)`);
    this.addSql(`create index deliveries_by_age on deliveries (created_at)`);
  }

  override down(): void {
    this.addSql(`drop table deliveries, webhooks`);
    this.addSql(`delete from projection_checkpoints where stream = 'DELIVERIES'`);
  }
}

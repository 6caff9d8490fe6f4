import { Migration } from '@mikro-orm/migrations';

/**
 * Published versions get rows of their own, and archived workflows disappear from what callers see. Both read models of
 * `WORKFLOWS` are emptied and their checkpoint goes back to the beginning: the projector fills them again from the log,
 * thousands of commits a second, and until it is there workflows that exist are not found. Executions go on meanwhile, as
 * they load definitions from the log. No projector of an older release may run beside the new ones: it would move the
 * checkpoint without writing versions.
 */
export class WorkflowVersions extends Migration {
  override up(): void {
    this.#beginAgain();
    this.addSql(`alter table workflows add column active_version int, add column archived_at timestamptz`);
    this.addSql(`drop index workflows_by_workspace`);
    this.addSql(
      `create index workflows_by_workspace on workflows (workspace_id, created_at desc, id desc) where archived_at is null`,
    );
    this.addSql(`
      create table workflow_versions (
        workflow_id text not null,
        version int not null,
        workspace_id text not null,
        content_hash text not null,
        credential_ids text[] not null,
        created_at timestamptz not null,
        record json not null,
        definition json not null,
        primary key (workflow_id, version)
      )`);
    // Most versions name no credential and cost this index nothing.
    this.addSql(
      `create index workflow_versions_by_credential on workflow_versions using gin (credential_ids) where credential_ids <> '{}'`,
    );
  }

  override down(): void {
    this.addSql(`drop table workflow_versions`);
    this.addSql(`drop index workflows_by_workspace`);
    this.addSql(`alter table workflows drop column active_version, drop column archived_at`);
    this.addSql(`create index workflows_by_workspace on workflows (workspace_id, created_at desc, id desc)`);
    this.#beginAgain();
  }

  #beginAgain(): void {
    this.addSql(`truncate workflows`);
    this.addSql(`update projection_checkpoints set sequence = 0, digest = '' where stream = 'WORKFLOWS'`);
  }
}

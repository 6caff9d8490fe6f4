import { Migration } from '@mikro-orm/migrations';

/**
 * Histories of executions that are over, once they left the log: partitions by the month in which they ended. The primary
 * key of a partitioned table has the column that it is partitioned by.
 */
export class Archive extends Migration {
  override up(): void {
    this.addSql(`
      create table archived_histories (
        execution_id text not null,
        workspace_id text not null,
        finished_at timestamptz not null,
        events int not null,
        bytes int not null,
        history bytea not null,
        -- Keys of the payloads in the object store that it refers to.
        objects text[] not null,
        erased_at timestamptz,
        primary key (execution_id, finished_at)
      ) partition by range (finished_at)`);
    this.addSql(`create index archived_by_age on archived_histories (workspace_id, finished_at)`);
    this.addSql(`alter table executions add column archived boolean not null default false`);
    this.addSql(
      `create index executions_to_archive on executions (finished_at, id) where finished_at is not null and not archived`,
    );
    this.addSql(`alter table workspaces add column retention_days int`);
    // What was erased and is still to be taken out of the log and the object store.
    this.addSql(`
      create table erasures (
        execution_id text primary key,
        workspace_id text not null,
        objects text[] not null,
        asked_at timestamptz not null
      )`);
  }

  override down(): void {
    this.addSql(`drop table archived_histories, erasures`);
    this.addSql(`alter table executions drop column archived`);
    this.addSql(`alter table workspaces drop column retention_days`);
  }
}

import { Migration } from '@mikro-orm/migrations';

/** The read model of `AUDIT`: entries word for word, and the subtrees of their tree that are full, which make any proof. */
export class Audit extends Migration {
  override up(): void {
    this.addSql(`
      create table audit_entries (
        workspace_id text not null,
        index bigint not null,
        kind text not null,
        of_index bigint,
        at timestamptz not null,
        actor_id text,
        action text,
        target text,
        entry json not null,
        primary key (workspace_id, index)
      )`);
    this.addSql(
      `create unique index audit_entries_ends on audit_entries (workspace_id, of_index) where of_index is not null`,
    );
    const listed = `where kind in ('begun', 'read', 'noted')`;
    this.addSql(`create index audit_entries_listed on audit_entries (workspace_id, index desc) ${listed}`);
    this.addSql(`create index audit_entries_by_actor on audit_entries (workspace_id, actor_id, index desc)`);
    this.addSql(`create index audit_entries_by_action on audit_entries (workspace_id, action, index desc)`);
    this.addSql(`create index audit_entries_by_target on audit_entries (workspace_id, target, index desc)`);
    this.addSql(`create index audit_entries_by_time on audit_entries (workspace_id, at) ${listed}`);
    this.addSql(`create index audit_entries_anchors on audit_entries (workspace_id, at) where kind = 'anchored'`);
    this.addSql(`
      create table audit_tree (
        workspace_id text not null,
        level smallint not null,
        place bigint not null,
        hash text not null,
        primary key (workspace_id, level, place)
      )`);
    // Histories of executions that ended, a row a batch, until they are in the audit.
    this.addSql(`
      create table unanchored_histories (
        id bigint generated always as identity primary key,
        histories json not null
      )`);
  }

  override down(): void {
    this.addSql(`drop table audit_entries, audit_tree, unanchored_histories`);
    this.addSql(`delete from projection_checkpoints where stream = 'AUDIT'`);
  }
}

import { Migration } from '@mikro-orm/migrations';

/** The read model of `DEAD_LETTERS`. */
export class DeadLetters extends Migration {
  override up(): void {
    this.addSql(`
      create table dead_letters (
        id text primary key,
        workspace_id text not null,
        workflow_id text not null,
        node_id text,
        code text not null,
        status text not null,
        created_at timestamptz not null,
        record json not null
      )`);
    this.addSql(
      `create index dead_letters_by_workspace on dead_letters (workspace_id, status, created_at desc, id desc)`,
    );
  }

  override down(): void {
    this.addSql(`drop table dead_letters`);
    this.addSql(`delete from projection_checkpoints where stream = 'DEAD_LETTERS'`);
  }
}

import { Migration } from '@mikro-orm/migrations';

/** Read models of workflows and executions, and how far each stream of the log was applied to them. */
export class ReadModels extends Migration {
  override up(): void {
    this.addSql(`
      create table projection_checkpoints (
        stream text primary key,
        stream_created_at text not null,
        sequence bigint not null,
        digest text not null,
        updated_at timestamptz not null default now()
      )`);
    this.addSql(`
      create table workflows (
        id text primary key,
        workspace_id text not null,
        name text not null,
        active boolean not null,
        created_at timestamptz not null,
        revision int not null,
        record json not null
      )`);
    this.addSql(`create index workflows_by_workspace on workflows (workspace_id, created_at desc, id desc)`);
    // Room on each page for the next version of a row: a row changes a few times within a second and then never again.
    this.addSql(`
      create table executions (
        id text primary key,
        workspace_id text not null,
        workflow_id text not null,
        workflow_version int not null,
        status text not null,
        trigger_type text not null,
        created_at timestamptz not null,
        finished_at timestamptz,
        version int not null,
        record json not null
      ) with (fillfactor = 60)`);
    this.addSql(`create index executions_by_workspace on executions (workspace_id, created_at desc, id desc)`);
    this.addSql(`create index executions_by_workflow on executions (workflow_id, created_at desc, id desc)`);
  }

  override down(): void {
    this.addSql(`drop table executions`);
    this.addSql(`drop table workflows`);
    this.addSql(`drop table projection_checkpoints`);
  }
}

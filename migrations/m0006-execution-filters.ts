import { Migration } from '@mikro-orm/migrations';

/**
 * Each combination of workflow, trigger and status has an index in the order of lists (a list without a status merges
 * the seven). Words and nodes are found by terms, which are apart for each shelf of some thousand executions.
 *
 * SQL cannot tell words, so the rows are made again from the log: the projector begins each stream anew. Until it is
 * level, lists lack what it has not come to; one execution is read from the log meanwhile.
 */
export class ExecutionFilters extends Migration {
  override up(): void {
    this.addSql(`truncate executions`);
    this.addSql(`update projection_checkpoints set sequence = 0, digest = '' where stream like 'EXECUTIONS%'`);
    this.addSql(`
      create table execution_shelves (
        workspace_id text not null,
        stream text not null,
        number int not null,
        size int not null,
        oldest timestamptz not null,
        newest timestamptz not null,
        primary key (workspace_id, stream, number)
      ) with (fillfactor = 50)`);
    this.addSql(`alter table executions add column shelf text not null, add column terms bigint[] not null`);
    this.addSql(`drop index executions_by_workspace, executions_by_workflow`);
    const order = 'status, created_at desc, id desc';
    this.addSql(`create index executions_by_workspace on executions (workspace_id, ${order})`);
    this.addSql(`create index executions_by_trigger on executions (workspace_id, trigger_type, ${order})`);
    this.addSql(`create index executions_by_workflow on executions (workflow_id, ${order})`);
    this.addSql(`create index executions_by_workflow_trigger on executions (workflow_id, trigger_type, ${order})`);
    // Each search reads all that waits to be sorted in, for each shelf: so let it be little (in kB).
    this.addSql(`create index executions_by_terms on executions using gin (terms) with (gin_pending_list_limit = 64)`);
  }

  override down(): void {
    this.addSql(`drop index executions_by_terms, executions_by_workflow_trigger, executions_by_trigger`);
    this.addSql(`drop index executions_by_workspace, executions_by_workflow`);
    this.addSql(`create index executions_by_workspace on executions (workspace_id, created_at desc, id desc)`);
    this.addSql(`create index executions_by_workflow on executions (workflow_id, created_at desc, id desc)`);
    this.addSql(`alter table executions drop column shelf, drop column terms`);
    this.addSql(`drop table execution_shelves`);
  }
}

import { Migration } from '@mikro-orm/migrations';

/**
 * Lists by workflow and status have an index in their order (without a status they merge the seven). All else is found
 * by terms, which are apart for each shelf of some thousand executions.
 *
 * SQL cannot tell words, so the rows are made again from the log: the projector begins each stream anew. Until it is
 * level, lists lack what it has not come to; one execution is read from the log meanwhile.
 */
export class ExecutionFilters extends Migration {
  override up(): void {
    this.#beginAgain();
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
    // A changed row never stays on its page now, as its terms are indexed.
    this.addSql(`alter table executions set (fillfactor = 100)`);
    this.addSql(`drop index executions_by_workspace, executions_by_workflow`);
    this.addSql(`create index executions_by_workspace on executions (workspace_id, status, created_at desc, id desc)`);
    this.addSql(`create index executions_by_workflow on executions (workflow_id, status, created_at desc, id desc)`);
    // In kB. Each shelf that is asked reads what waits to be sorted in, so let it be little.
    this.addSql(`create index executions_by_terms on executions using gin (terms) with (gin_pending_list_limit = 64)`);
  }

  override down(): void {
    this.addSql(`drop index executions_by_terms, executions_by_workspace, executions_by_workflow`);
    this.addSql(`create index executions_by_workspace on executions (workspace_id, created_at desc, id desc)`);
    this.addSql(`create index executions_by_workflow on executions (workflow_id, created_at desc, id desc)`);
    this.addSql(`alter table executions set (fillfactor = 60), drop column shelf, drop column terms`);
    this.addSql(`drop table execution_shelves`);
    this.#beginAgain();
  }

  #beginAgain(): void {
    this.addSql(`truncate executions`);
    this.addSql(`update projection_checkpoints set sequence = 0, digest = '' where stream like 'EXECUTIONS%'`);
  }
}

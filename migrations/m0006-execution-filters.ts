import { Migration } from '@mikro-orm/migrations';
import { ShelfKeeper, termsOf, type ExecutionRecord } from '#libs/read-models';

/** Rows that are filled at once. */
const BATCH = 1_000;
/** In place of a stream's name: on shelves of its own is what was there before there were shelves. */
const EARLIER = 'earlier';

/**
 * Each combination of workflow, trigger and status has an index in the order of lists (a list without a status merges
 * the seven). Words and nodes are found by terms, which are apart for each shelf of some thousand executions.
 */
export class ExecutionFilters extends Migration {
  override async up(): Promise<void> {
    await this.execute(`
      create table execution_shelves (
        workspace_id text not null,
        stream text not null,
        number int not null,
        size int not null,
        oldest timestamptz not null,
        newest timestamptz not null,
        primary key (workspace_id, stream, number)
      ) with (fillfactor = 50)`);
    await this.execute(`alter table executions add column shelf text, add column terms bigint[]`);
    await this.#shelveAll();
    this.addSql(`alter table executions alter column shelf set not null, alter column terms set not null`);
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

  /** What is there must be found too, and SQL cannot tell words. */
  async #shelveAll(): Promise<void> {
    await this.execute(`
      declare existing no scroll cursor for
      select record from executions order by workspace_id, created_at, id`);
    const keeper = new ShelfKeeper();
    for (;;) {
      const rows = (await this.execute(`fetch ${BATCH} from existing`)) as { record: ExecutionRecord }[];
      if (rows.length === 0) break;
      await this.#shelve(rows, keeper);
    }
    await this.execute(`close existing`);
  }

  async #shelve(rows: readonly { readonly record: ExecutionRecord }[], keeper: ShelfKeeper): Promise<void> {
    const filled = rows.map(({ record }) => {
      const shelf = keeper.put(EARLIER, record);
      return { id: record.id, shelf, terms: `{${termsOf(record, shelf).join()}}` };
    });
    await this.execute(
      `update executions set shelf = filled.shelf, terms = filled.terms
       from json_to_recordset(?::json) as filled(id text, shelf text, terms bigint[]) where executions.id = filled.id`,
      [JSON.stringify(filled)],
    );
    await this.execute(
      `insert into execution_shelves (workspace_id, stream, number, size, oldest, newest)
       select "workspaceId", stream, number, size, oldest, newest
       from json_to_recordset(?::json) as grown(
         "workspaceId" text, stream text, number int, size int, oldest timestamptz, newest timestamptz)
       on conflict (workspace_id, stream, number) do update set size = excluded.size, newest = excluded.newest`,
      [JSON.stringify(keeper.takeGrowth())],
    );
  }
}

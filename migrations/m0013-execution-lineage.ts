import { Migration } from '@mikro-orm/migrations';

/** Which execution an execution comes from, so that all that came of one are found. */
export class ExecutionLineage extends Migration {
  override up(): void {
    this.addSql(`alter table executions add column origin_id text`);
    this.addSql(`
      update executions set origin_id = record->'origin'->>'executionId'
      where record->'origin'->>'executionId' is not null`);
    this.addSql(`create index executions_by_origin on executions (origin_id) where origin_id is not null`);
  }

  override down(): void {
    this.addSql(`alter table executions drop column origin_id`);
  }
}

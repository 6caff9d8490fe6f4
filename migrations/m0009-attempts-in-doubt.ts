import { Migration } from '@mikro-orm/migrations';

/** Executions of which a person has to say what came of an attempt: few, and looked for by themselves. */
export class AttemptsInDoubt extends Migration {
  override up(): void {
    this.addSql('alter table executions add column in_doubt boolean not null default false');
    this.addSql(
      'create index executions_in_doubt on executions (workspace_id, created_at desc, id desc) where in_doubt',
    );
  }

  override down(): void {
    this.addSql('drop index executions_in_doubt');
    this.addSql('alter table executions drop column in_doubt');
  }
}

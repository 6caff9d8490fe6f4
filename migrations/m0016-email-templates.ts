import { Migration } from '@mikro-orm/migrations';

/** Email templates with their versions, and which of them each workflow version names: of those that are there, none does. */
export class EmailTemplates extends Migration {
  override up(): void {
    this.addSql(`
      create table email_templates (
        id text primary key,
        workspace_id text not null references workspaces on delete cascade,
        name text not null,
        latest_version int not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        unique (workspace_id, name)
      )`);
    this.addSql(
      'create index email_templates_of_workspace on email_templates (workspace_id, created_at desc, id desc)',
    );
    // Immutable. `written` is what somebody sent, `compiled` what mails are rendered from: see libs/email-templates.
    this.addSql(`
      create table email_template_versions (
        template_id text not null references email_templates on delete cascade,
        version int not null,
        name text not null,
        written json not null,
        compiled json not null,
        created_at timestamptz not null,
        primary key (template_id, version)
      )`);
    this.addSql(`alter table workflow_versions add column template_ids text[] not null default '{}'`);
    this.addSql(
      `create index workflow_versions_by_template on workflow_versions using gin (template_ids) where template_ids <> '{}'`,
    );
  }

  override down(): void {
    this.addSql('drop index workflow_versions_by_template');
    this.addSql('alter table workflow_versions drop column template_ids');
    this.addSql('drop table email_template_versions, email_templates');
  }
}

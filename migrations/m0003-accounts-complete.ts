import { Migration } from '@mikro-orm/migrations';

/** Keys for programs, and how often logging in has failed lately. */
export class AccountsComplete extends Migration {
  override up(): void {
    this.addSql(`
      create table api_keys (
        id text primary key,
        workspace_id text not null references workspaces on delete cascade,
        name text not null,
        role text not null check (role in ('owner', 'editor', 'viewer', 'auditor')),
        key_hash text not null unique,
        created_by_type text not null check (created_by_type in ('user', 'apiKey')),
        created_by_id text not null,
        created_at timestamptz not null,
        expires_at timestamptz,
        last_used_at timestamptz
      )`);
    this.addSql('create index api_keys_by_workspace on api_keys (workspace_id, created_at desc, id desc)');
    this.addSql(`
      create table login_failures (
        key text primary key,
        failures int not null,
        ends_at timestamptz not null
      )`);
    this.addSql('create index login_failures_by_end on login_failures (ends_at)');
  }

  override down(): void {
    this.addSql('drop table login_failures, api_keys');
  }
}

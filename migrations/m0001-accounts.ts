import { Migration } from '@mikro-orm/migrations';

export class Accounts extends Migration {
  override up(): void {
    this.addSql(`
      create table users (
        id text primary key,
        email text not null,
        name text,
        password_hash text not null,
        created_at timestamptz not null
      )`);
    this.addSql('create unique index users_email_key on users (lower(email))');
    this.addSql(`
      create table workspaces (
        id text primary key,
        name text not null,
        created_at timestamptz not null
      )`);
    this.addSql(`
      create table memberships (
        user_id text not null references users on delete cascade,
        workspace_id text not null references workspaces on delete cascade,
        role text not null check (role in ('owner', 'editor', 'viewer', 'auditor')),
        created_at timestamptz not null,
        primary key (user_id, workspace_id)
      )`);
    this.addSql('create index memberships_workspace_id on memberships (workspace_id)');
    this.addSql(`
      create table refresh_families (
        id text primary key,
        user_id text not null references users on delete cascade,
        workspace_id text not null references workspaces on delete cascade,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        revoked_at timestamptz
      )`);
    this.addSql('create index refresh_families_user_id on refresh_families (user_id)');
    this.addSql(`
      create table refresh_tokens (
        token_hash text primary key,
        family_id text not null references refresh_families on delete cascade,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        used_at timestamptz
      )`);
    this.addSql('create index refresh_tokens_family_id on refresh_tokens (family_id)');
  }

  override down(): void {
    this.addSql('drop table refresh_tokens, refresh_families, memberships, workspaces, users');
  }
}

import { Migration } from '@mikro-orm/migrations';

export class Credentials extends Migration {
  override up(): void {
    // What is in wrapped_key and sealed_data is said in libs/credential-vault; key_id names the root key behind the first.
    this.addSql(`
      create table credentials (
        id text primary key,
        workspace_id text not null references workspaces on delete cascade,
        name text not null,
        type text not null,
        allowed_hosts text[] not null,
        key_id text not null,
        wrapped_key bytea not null,
        sealed_data bytea not null,
        created_at timestamptz not null,
        updated_at timestamptz not null
      )`);
    this.addSql('create index credentials_of_workspace on credentials (workspace_id, created_at desc, id desc)');
    this.addSql('create index credentials_key_id on credentials (key_id, id)');
  }

  override down(): void {
    this.addSql('drop table credentials');
  }
}

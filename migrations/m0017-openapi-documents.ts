import { Migration } from '@mikro-orm/migrations';

/** OpenAPI documents with their versions and operations, and which documents each workflow version names: of those that are there, none does. */
export class OpenApiDocuments extends Migration {
  override up(): void {
    this.addSql(`
      create table openapi_documents (
        id text primary key,
        workspace_id text not null references workspaces on delete cascade,
        name text not null,
        latest_version int not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        unique (workspace_id, name)
      )`);
    this.addSql(
      'create index openapi_documents_of_workspace on openapi_documents (workspace_id, created_at desc, id desc)',
    );
    // Immutable. `source` is what somebody sent, as gzip; `about` is what it says of itself apart from its operations.
    this.addSql(`
      create table openapi_document_versions (
        document_id text not null references openapi_documents on delete cascade,
        version int not null,
        name text not null,
        about json not null,
        digest text not null,
        source bytea not null,
        stored_bytes int not null,
        created_at timestamptz not null,
        primary key (document_id, version)
      )`);
    // One row each, so that a call reads one operation of a thousand. `position` is its place in the document, from 1.
    this.addSql(`
      create table openapi_operations (
        document_id text not null,
        version int not null,
        operation_id text not null,
        position int not null,
        method text not null,
        path text not null,
        summary text,
        deprecated boolean not null,
        tags text[] not null,
        operation json not null,
        primary key (document_id, version, operation_id),
        foreign key (document_id, version) references openapi_document_versions on delete cascade
      )`);
    this.addSql(
      'create unique index openapi_operations_in_order on openapi_operations (document_id, version, position)',
    );
    this.addSql(`alter table workflow_versions add column openapi_document_ids text[] not null default '{}'`);
    this.addSql(
      `create index workflow_versions_by_openapi_document on workflow_versions using gin (openapi_document_ids) where openapi_document_ids <> '{}'`,
    );
  }

  override down(): void {
    this.addSql('drop index workflow_versions_by_openapi_document');
    this.addSql('alter table workflow_versions drop column openapi_document_ids');
    this.addSql('drop table openapi_operations, openapi_document_versions, openapi_documents');
  }
}

import { Migration } from '@mikro-orm/migrations';

/** What was answered under each Idempotency-Key of the last day, shared by all processes. */
export class Idempotency extends Migration {
  override up(): void {
    // `id` and `fingerprint` are digests; `holder` is of the run that may write the answer; `seed` outlives a run that
    // died; `uncertain` says that one may have done its work; `answer` is sealed under the root key `key_id`.
    this.addSql(`
      create table idempotency_keys (
        id text primary key,
        fingerprint text not null,
        seed text not null,
        holder text not null,
        uncertain boolean not null default false,
        created_at timestamptz not null,
        leased_until timestamptz not null,
        key_id text,
        answer bytea
      )`);
    this.addSql('create index idempotency_keys_created_at on idempotency_keys (created_at)');
  }

  override down(): void {
    this.addSql('drop table idempotency_keys');
  }
}

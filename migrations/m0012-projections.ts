import { Migration } from '@mikro-orm/migrations';

/** What makes projections rebuildable: events set aside, orders to rebuild, and of which rows a checkpoint is. */
export class Projections extends Migration {
  override up(): void {
    this.addSql(`alter table projection_checkpoints add column generation bigint not null default 0`);
    this.addSql(`
      create table parked_events (
        projection text not null,
        stream text not null,
        sequence bigint not null,
        aggregate_id text,
        reason text not null,
        parked_at timestamptz not null default now(),
        primary key (projection, stream, sequence)
      )`);
    // `begun_at` and `begun_done` are of the process that is at it; `checksum` and `error` are as callers see them.
    this.addSql(`
      create table projection_rebuilds (
        id text primary key,
        projection text not null,
        compare_only boolean not null,
        requested_by text not null,
        requested_at timestamptz not null,
        phase text not null,
        begun_at timestamptz,
        begun_done bigint not null default 0,
        finished_at timestamptz,
        rows bigint,
        checksum json,
        error text
      )`);
    this.addSql(
      `create unique index projection_rebuilds_open on projection_rebuilds (projection) where finished_at is null`,
    );
    this.addSql(`create index projection_rebuilds_by_age on projection_rebuilds (projection, finished_at desc)`);
  }

  override down(): void {
    this.addSql(`drop table projection_rebuilds, parked_events`);
    this.addSql(`alter table projection_checkpoints drop column generation`);
  }
}

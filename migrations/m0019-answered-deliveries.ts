import { Migration } from '@mikro-orm/migrations';

/** Answered calls may have a reason too, so that the index of reasons tells them from refused ones no more. */
export class AnsweredDeliveries extends Migration {
  override up(): void {
    this.addSql(`create index deliveries_by_outcome on deliveries (webhook_id, outcome, created_at desc, id desc)`);
  }

  override down(): void {
    this.addSql(`drop index deliveries_by_outcome`);
  }
}

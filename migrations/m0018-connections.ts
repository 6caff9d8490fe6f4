import { Migration } from '@mikro-orm/migrations';

/** Whether the account of a credential is connected, for those that people connect: what of it may be shown. */
export class Connections extends Migration {
  override up(): void {
    this.addSql('alter table credentials add column connection json');
  }

  override down(): void {
    this.addSql('alter table credentials drop column connection');
  }
}

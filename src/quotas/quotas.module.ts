import { Module } from '@nestjs/common';
import { QuotaStoreModule } from './quota-store.module.ts';
import { QuotasController } from './quotas.controller.ts';
import { ReadQuotas } from './read-quotas.ts';

/** Quotas of the role `api`. */
@Module({
  imports: [QuotaStoreModule],
  controllers: [QuotasController],
  providers: [ReadQuotas],
})
export class QuotasModule {}

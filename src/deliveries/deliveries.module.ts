import { Module } from '@nestjs/common';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { AcceptedCalls } from './accepted-calls.ts';
import { DeliveriesController } from './deliveries.controller.ts';
import { ReadDeliveries } from './read-deliveries.ts';
import { RedeliverCall } from './redeliver-call.ts';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.ts';

/** The delivery ledger over HTTP. */
@Module({
  imports: [RuntimeModule, VariableStoreModule, WorkflowsModule],
  controllers: [DeliveriesController, WebhookDeliveriesController],
  providers: [ReadDeliveries, AcceptedCalls, RedeliverCall],
})
export class DeliveriesModule {}

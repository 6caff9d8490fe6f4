import { Module } from '@nestjs/common';
import { RouteBucket, RouteTable } from '#libs/webhook-routes';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { Logger } from '../platform/logging/logger.ts';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { AcceptCall } from './accept-call.ts';
import { WebhookIngestion } from './ingestion.ts';
import { RouteTableLifecycle } from './route-table-lifecycle.ts';

/** Webhook URLs of the role `api`. */
@Module({
  imports: [RuntimeModule, VariableStoreModule],
  providers: [
    {
      provide: RouteTable,
      inject: [RouteBucket, Logger],
      useFactory: (bucket: RouteBucket, logger: Logger) =>
        RouteTable.open(bucket, {
          unreadable: (_token, error) => logger.error({ error }, 'a route is not readable and will not answer'),
          interrupted: (error) => logger.warn({ error }, 'the routes can not be followed and will catch up'),
        }),
    },
    RouteTableLifecycle,
    AcceptCall,
    WebhookIngestion,
  ],
  exports: [RouteTable, WebhookIngestion],
})
export class WebhooksModule {}

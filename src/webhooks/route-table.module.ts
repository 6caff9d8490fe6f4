import { Module } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { RouteBucket, RouteTable } from '#libs/webhook-routes';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK } from '../platform/tokens.ts';
import { RouteTableLifecycle } from './route-table-lifecycle.ts';

/** What webhooks and mail addresses lead to, in this process's memory; one for all its roles. */
@Module({
  providers: [
    {
      provide: RouteTable,
      inject: [RouteBucket, Logger, CLOCK],
      useFactory: (bucket: RouteBucket, logger: Logger, clock: Clock) =>
        RouteTable.open(
          bucket,
          {
            unreadable: (_token, error) => logger.error({ error }, 'a route is not readable and will not answer'),
            interrupted: (error) => logger.warn({ error }, 'the routes can not be followed and will catch up'),
          },
          clock,
        ),
    },
    RouteTableLifecycle,
  ],
  exports: [RouteTable],
})
export class RouteTableModule {}

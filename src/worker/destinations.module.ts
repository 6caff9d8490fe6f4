import { Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Counter, Registry } from 'prom-client';
import { Circuits, Destinations, Quotas } from '#libs/destination-limits-jetstream';
import type { Clock } from '#libs/kernel';
import { CircuitStoreModule } from '../circuits/circuit-store.module.ts';
import { QuotaStoreModule } from '../quotas/quota-store.module.ts';
import { CLOCK } from '../platform/tokens.ts';
import { ROOM_PER_DESTINATION } from './slots.ts';

/** What the doors to destinations tell Prometheus. */
@Injectable()
class DestinationMetrics {
  readonly postponed: Counter<'reason'>;
  readonly untold: Counter;

  constructor(registry: Registry) {
    this.postponed = new Counter({
      name: 'millrace_attempts_postponed_total',
      help: 'Attempts that were not made because their destination takes none at the moment',
      labelNames: ['reason'],
      registers: [registry],
    });
    this.untold = new Counter({
      name: 'millrace_circuits_untold_total',
      help: 'Failures and successes of destinations that other workers could not be told of',
      registers: [registry],
    });
  }
}

/** What is seen of destinations is told to the others before the connection ends. */
@Injectable()
class DestinationsLifecycle implements OnModuleDestroy {
  constructor(private readonly destinations: Destinations) {}

  async onModuleDestroy(): Promise<void> {
    await this.destinations[Symbol.asyncDispose]();
  }
}

/** The doors to the destinations that attempts call. */
@Module({
  imports: [CircuitStoreModule, QuotaStoreModule],
  providers: [
    DestinationMetrics,
    {
      provide: Destinations,
      inject: [Circuits, Quotas, DestinationMetrics, CLOCK],
      useFactory: (circuits: Circuits, quotas: Quotas, metrics: DestinationMetrics, clock: Clock) =>
        new Destinations({
          circuits,
          quotas,
          clock,
          newProbeId: () => randomUUID(),
          room: ROOM_PER_DESTINATION,
          observer: {
            postponed: (reason) => metrics.postponed.inc({ reason }),
            untold: () => metrics.untold.inc(),
          },
        }),
    },
    DestinationsLifecycle,
  ],
  exports: [Destinations],
})
export class DestinationsModule {}

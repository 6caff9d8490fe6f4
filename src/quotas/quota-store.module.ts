import { Injectable, Module } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { QuotaBucket, Quotas } from '#libs/destination-limits-jetstream';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';

/** What the quotas tell Prometheus; without their names, of which there are as many as credentials. */
@Injectable()
class QuotaMetrics {
  readonly taken: Counter;
  readonly unguarded: Counter;

  constructor(registry: Registry) {
    this.taken = new Counter({
      name: 'millrace_quota_permits_total',
      help: 'Calls that quotas allowed to this process, also those that it did not make in time',
      registers: [registry],
    });
    this.unguarded = new Counter({
      name: 'millrace_quotas_unguarded_total',
      help: 'Times that nobody could be asked what is left of a quota, and calls were let in',
      registers: [registry],
    });
  }
}

/** The quotas of services, for roles that call them and roles that show them. */
@Module({
  providers: [
    QuotaMetrics,
    {
      provide: Quotas,
      // The publisher stands for a JetStream that is ready.
      inject: [JetStreamConnection, JetStreamPublisher, QuotaMetrics, CONFIG, CLOCK],
      useFactory: async (
        connection: JetStreamConnection,
        publisher: JetStreamPublisher,
        metrics: QuotaMetrics,
        { natsReplicas }: Config,
        clock: Clock,
      ) => {
        const bucket = await whenReady(() => QuotaBucket.open(connection, publisher, natsReplicas));
        return new Quotas(bucket, clock, {
          taken: (permits) => metrics.taken.inc(permits),
          unguarded: () => metrics.unguarded.inc(),
        });
      },
    },
  ],
  exports: [Quotas],
})
export class QuotaStoreModule {}

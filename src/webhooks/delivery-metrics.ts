import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

/** What the delivery ledger tells Prometheus. */
@Injectable()
export class DeliveryMetrics {
  readonly #dropped: Counter;

  constructor(registry: Registry) {
    this.#dropped = new Counter({
      name: 'millrace_webhook_deliveries_dropped_total',
      help: 'Refused calls of webhooks that are not in the delivery ledger, as the log was away or busy',
      registers: [registry],
    });
  }

  dropped(calls: number): void {
    this.#dropped.inc(calls);
  }
}

import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';

/** What watched mailboxes tell Prometheus. */
@Injectable()
export class InboxMetrics {
  readonly #messages: Counter<'outcome'>;

  constructor(private readonly registry: Registry) {
    this.#messages = new Counter({
      name: 'millrace_mailbox_messages_total',
      help: 'Messages in watched mailboxes, by what became of them',
      labelNames: ['outcome'],
      registers: [registry],
    });
  }

  message(outcome: string): void {
    this.#messages.inc({ outcome });
  }

  /** Looked at when somebody asks for the metrics. */
  watch(count: () => number): void {
    new Gauge({
      name: 'millrace_mailboxes_watched',
      help: 'Mailboxes that this process watches',
      registers: [this.registry],
      collect: function collect() {
        this.set(count());
      },
    });
  }
}

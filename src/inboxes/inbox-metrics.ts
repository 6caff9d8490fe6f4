import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';

/** What watched mailboxes tell Prometheus. */
@Injectable()
export class InboxMetrics {
  readonly #messages: Counter<'outcome'>;
  readonly #troubles: Counter<'code'>;

  constructor(private readonly registry: Registry) {
    this.#messages = new Counter({
      name: 'millrace_mailbox_messages_total',
      help: 'Messages in watched mailboxes, by what became of them',
      labelNames: ['outcome'],
      registers: [registry],
    });
    this.#troubles = new Counter({
      name: 'millrace_mailbox_troubles_total',
      help: 'How often a mailbox could not be watched, by why',
      labelNames: ['code'],
      registers: [registry],
    });
  }

  trouble(code: string): void {
    this.#troubles.inc({ code });
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

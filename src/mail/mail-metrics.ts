import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import type { SmtpDoorEvent } from '#libs/smtp-door';

/** What the role `mail` tells Prometheus. */
@Injectable()
export class MailMetrics {
  readonly #messages: Counter;
  readonly #bytes: Counter;
  readonly #refusals: Counter<'code'>;
  readonly #returned: Counter<'kind'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.#messages = new Counter({
      name: 'millrace_mail_messages_total',
      help: 'Messages that were taken by SMTP',
      registers,
    });
    this.#bytes = new Counter({
      name: 'millrace_mail_bytes_total',
      help: 'Bytes of messages that were taken by SMTP',
      registers,
    });
    this.#refusals = new Counter({
      name: 'millrace_mail_refusals_total',
      help: 'What SMTP clients were refused, by reply code: 4xx comes again, 5xx does not',
      labelNames: ['code'],
      registers,
    });
    this.#returned = new Counter({
      name: 'millrace_mail_returned_total',
      help: 'Mails that came back to the return path of one of ours, by what they say',
      labelNames: ['kind'],
      registers,
    });
  }

  returned(kind: string): void {
    this.#returned.inc({ kind });
  }

  count(event: SmtpDoorEvent): void {
    if (event.kind === 'refused') this.#refusals.inc({ code: event.replyCode });
    if (event.kind !== 'taken') return;
    this.#messages.inc();
    this.#bytes.inc(event.bytes);
  }

  /** Looked at when somebody asks for the metrics. */
  watch(held: () => { readonly connections: number; readonly bytesUnderWay: number }): void {
    const gauge = (name: string, help: string, value: () => number): void =>
      void new Gauge({
        name,
        help,
        registers: [this.registry],
        collect: function collect() {
          this.set(value());
        },
      });
    gauge('millrace_mail_connections', 'SMTP connections that are open', () => held().connections);
    gauge('millrace_mail_bytes_under_way', 'Bytes of messages that are not answered yet', () => held().bytesUnderWay);
  }
}

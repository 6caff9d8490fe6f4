import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import type { DeadLettered } from '#libs/dead-letters';

/** What is set aside, for Prometheus. */
@Injectable()
export class DeadLetterMetrics {
  readonly #setAside: Counter<'kind' | 'executor'>;

  constructor(registry: Registry) {
    this.#setAside = new Counter({
      name: 'millrace_dead_letters_total',
      help: 'Work set aside: of executions that failed, and poison that no worker can do',
      labelNames: ['kind', 'executor'],
      registers: [registry],
    });
  }

  setAside({ kind, executor }: DeadLettered): void {
    this.#setAside.inc({ kind, executor });
  }
}

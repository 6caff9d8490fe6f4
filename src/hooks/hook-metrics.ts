import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import type { HookTable } from '#libs/hook-registrations';

/** What hooks at services tell Prometheus. */
@Injectable()
export class HookMetrics {
  constructor(private readonly registry: Registry) {}

  /** Looked at when somebody asks for the metrics. */
  watch(table: Pick<HookTable, 'countByState'>): void {
    new Gauge({
      name: 'millrace_hooks',
      help: 'Hooks at services, by how they are doing, over the whole installation',
      labelNames: ['state'],
      registers: [this.registry],
      collect() {
        for (const [state, count] of Object.entries(table.countByState())) this.set({ state }, count);
      },
    });
  }
}

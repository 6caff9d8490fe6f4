import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { Circuits } from '#libs/destination-limits-jetstream';

/** What the circuits tell Prometheus; looked up when it asks. */
@Injectable()
export class CircuitMetrics {
  constructor(registry: Registry, circuits: Circuits) {
    new Gauge({
      name: 'millrace_circuits',
      help: 'Destinations with failed calls, by the state of their circuit, over the whole installation',
      labelNames: ['state'],
      registers: [registry],
      collect() {
        for (const [state, count] of Object.entries(circuits.countByState())) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'millrace_circuits_followed',
      help: '1 while this process knows the circuits; 0 while it holds nothing back because it does not',
      registers: [registry],
      collect() {
        this.set(circuits.isFollowing ? 1 : 0);
      },
    });
  }
}

import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';

/** What the projector tells Prometheus. */
@Injectable()
export class ProjectorMetrics {
  readonly #applied: Counter<'stream'>;
  readonly #lag: Gauge<'stream'>;
  readonly #failures: Counter<'stream'>;
  readonly #parked: Counter<'projection'>;
  readonly #rebuilt: Counter<'stream'>;

  constructor(registry: Registry) {
    const common = { labelNames: ['stream'] as const, registers: [registry] };
    this.#applied = new Counter({
      ...common,
      name: 'millrace_projection_commits_total',
      help: 'Commits applied to the read models',
    });
    this.#lag = new Gauge({
      ...common,
      name: 'millrace_projection_lag_commits',
      help: 'Commits in the log that the read models do not show yet',
    });
    this.#failures = new Counter({
      ...common,
      name: 'millrace_projection_failures_total',
      help: 'Times that the read models of a stream stopped and were taken up again',
    });
    this.#rebuilt = new Counter({
      ...common,
      name: 'millrace_projection_rebuilt_commits_total',
      help: 'Commits applied by rebuilds, beside the read models that are shown',
    });
    this.#parked = new Counter({
      name: 'millrace_projection_parked_total',
      help: 'Events set aside because a projection could not take them',
      labelNames: ['projection'],
      registers: [registry],
    });
  }

  rebuilt(stream: string, commits: number): void {
    this.#rebuilt.inc({ stream }, commits);
  }

  parked(projection: string): void {
    this.#parked.inc({ projection });
  }

  applied(stream: string, batch: { readonly size: number; readonly pending: number }): void {
    this.#applied.inc({ stream }, batch.size);
    this.#lag.set({ stream }, batch.pending);
  }

  failed(stream: string): void {
    this.#failures.inc({ stream });
  }
}

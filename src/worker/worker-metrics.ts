import { Injectable } from '@nestjs/common';
import { Counter, Histogram, Registry } from 'prom-client';
import type { AttemptOutcome } from '#libs/execution-runtime';

/** What the worker tells Prometheus. */
@Injectable()
export class WorkerMetrics {
  readonly #attempts: Histogram<'node_type' | 'executor' | 'outcome'>;
  readonly #drift: Counter<'node_type'>;

  constructor(registry: Registry) {
    this.#attempts = new Histogram({
      name: 'millrace_node_attempt_duration_seconds',
      help: 'From the delivery of a node attempt to its recorded result',
      labelNames: ['node_type', 'executor', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 120],
      registers: [registry],
    });
    this.#drift = new Counter({
      name: 'millrace_response_drift_total',
      help: 'Places where an answer of an outside system was not as the node type knows it',
      labelNames: ['node_type'],
      registers: [registry],
    });
  }

  attempted(attempt: { nodeType: string; executor: string; outcome: AttemptOutcome; durationMs: number }): void {
    const labels = { node_type: attempt.nodeType, executor: attempt.executor, outcome: attempt.outcome };
    this.#attempts.observe(labels, attempt.durationMs / 1000);
  }

  drifted({ nodeType, places }: { nodeType: string; places: number }): void {
    this.#drift.inc({ node_type: nodeType }, places);
  }
}

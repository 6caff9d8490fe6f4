import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { isOutcome, type ScheduleEvent } from '#libs/schedule';

/** What the scheduler tells Prometheus. */
@Injectable()
export class SchedulerMetrics {
  readonly #lateness: Histogram;
  readonly #slots: Counter<'outcome'>;
  readonly #failures: Counter;
  readonly #unarmed: Counter;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.#lateness = new Histogram({
      name: 'millrace_schedule_lateness_seconds',
      help: 'From the instant of a slot, and its jitter, to the decision to fire it',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600, 3600],
      registers,
    });
    this.#slots = new Counter({
      name: 'millrace_schedule_slots_total',
      help: 'Slots that got an outcome',
      labelNames: ['outcome'],
      registers,
    });
    this.#unarmed = new Counter({
      name: 'millrace_schedule_arming_given_up_total',
      help: 'Changes of workflows that their schedules could not follow',
      registers,
    });
    this.#failures = new Counter({
      name: 'millrace_schedule_decision_failures_total',
      help: 'Decisions that could not be written and were tried again',
      registers,
    });
  }

  /** Looked at when somebody asks for the metrics. */
  watch(look: {
    leads: () => boolean;
    schedules: () => number;
    nextDueMs: () => number | undefined;
    clockAheadMs: () => number | undefined;
  }): void {
    const registers = [this.registry];
    const gauge = (name: string, help: string, value: () => number): void =>
      void new Gauge({
        name,
        help,
        registers,
        collect: function collect() {
          this.set(value());
        },
      });
    gauge('millrace_scheduler_leads', '1 while this process leads the scheduling', () => (look.leads() ? 1 : 0));
    gauge('millrace_schedules', 'Schedules that this process knows', look.schedules);
    gauge(
      'millrace_schedule_next_due_seconds',
      'When the leader has something to do next; 0 when nothing',
      () => (look.nextDueMs() ?? 0) / 1000,
    );
    gauge(
      'millrace_scheduler_clock_ahead_seconds',
      'By how much the clock of this process was ahead of that of NATS when it was measured last; negative: behind',
      () => (look.clockAheadMs() ?? 0) / 1000,
    );
  }

  decided(events: readonly ScheduleEvent[]): void {
    for (const event of events) {
      if (!isOutcome(event)) continue;
      if (event.type !== 'SlotFired') this.#slots.inc({ outcome: OUTCOMES[event.type] }, event.data.count ?? 1);
      else {
        this.#slots.inc({ outcome: 'fired' });
        this.#lateness.observe(Math.max(event.data.lateMs, 0) / 1000);
      }
    }
  }

  failed(): void {
    this.#failures.inc();
  }

  armingGivenUp(): void {
    this.#unarmed.inc();
  }
}

const OUTCOMES = { SlotsSkipped: 'skipped', SlotsMissed: 'missed', SlotsCoalesced: 'coalesced' } as const;

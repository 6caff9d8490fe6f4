import type { TimerMessage } from '#libs/event-sourcing';
import { epochMsOf } from '#libs/kernel';

export interface ArmedTimer {
  readonly executionId: string;
  readonly timerId: string;
  readonly dueMs: number;
}

/** The server's schedules: one for each execution and timer id, the last one published. */
export class SimulatedTimers {
  readonly #armed = new Map<string, ArmedTimer>();

  apply(executionId: string, timer: TimerMessage): void {
    const key = `${executionId} ${timer.id}`;
    if (timer.kind === 'drop') this.#armed.delete(key);
    else this.#armed.set(key, { executionId, timerId: timer.id, dueMs: epochMsOf(timer.dueAt) });
  }

  /** In the order in which they are due. */
  get armed(): readonly ArmedTimer[] {
    return [...this.#armed.values()].sort((one, other) => one.dueMs - other.dueMs);
  }

  has(executionId: string, timerId: string): boolean {
    return this.#armed.has(`${executionId} ${timerId}`);
  }

  take({ executionId, timerId }: ArmedTimer): void {
    this.#armed.delete(`${executionId} ${timerId}`);
  }
}

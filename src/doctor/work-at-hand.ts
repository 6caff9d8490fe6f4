import { z } from 'zod';
import type { TaskMessage } from '#libs/event-sourcing';
import { isJsonObject } from '#libs/kernel';

const dueTimer = z.object({ executionId: z.string(), timerId: z.string() });

/** What waits in queues, is in somebody's hands, or is armed, as far as it was read. */
export class WorkAtHand {
  readonly #keys = new Set<string>();

  /** As it lies in its queue; what is no work of this version is nobody's. */
  add(queue: string, payload: unknown): void {
    const timer = queue === 'due' ? dueTimer.safeParse(payload).data : undefined;
    if (timer) this.addTimer(timer.executionId, timer.timerId);
    else this.#keys.add(keyOfTask(queue, payload));
  }

  addTimer(executionId: string, timerId: string): void {
    this.#keys.add(keyOfTimer(executionId, timerId));
  }

  hasTask({ queue, payload }: TaskMessage): boolean {
    return this.#keys.has(keyOfTask(queue, payload));
  }

  hasTimer(executionId: string, timerId: string): boolean {
    return this.#keys.has(keyOfTimer(executionId, timerId));
  }
}

/** The same for the same work. A start waits in one of two shards, so only its lane is part of what it is. */
export function keyOfTask(queue: string, payload: unknown): string {
  const name = queue.startsWith('start.') ? queue.split('.', 2).join('.') : queue;
  return `${name} ${isJsonObject(payload) ? JSON.stringify(Object.entries(payload).sort(byName)) : String(payload)}`;
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function keyOfTimer(executionId: string, timerId: string): string {
  return `due ${executionId} ${timerId}`;
}

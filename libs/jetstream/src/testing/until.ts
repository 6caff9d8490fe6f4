import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition, looking again every few milliseconds. Rejects with what was waited for when it does not come. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await delay(5);
  }
}

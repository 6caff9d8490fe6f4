import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 25;

/** The first result that is not undefined; looked for again until then. Rejects, naming what was waited for, when time is up. */
export async function until<Result>(
  what: string,
  look: () => Promise<Result | undefined>,
  withinMs = 30_000,
): Promise<Result> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const result = await look();
    if (result !== undefined) return result;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await pause(PAUSE_MS);
  }
}

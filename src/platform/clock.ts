import type { Clock } from '#libs/kernel';

export const systemClock: Clock = { nowMs: () => Date.now() };

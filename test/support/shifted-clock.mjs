// For `--import`: a process whose clock goes ahead, or behind, by the milliseconds that the file CLOCK_SHIFT_FILE holds;
// looked into again and again, so that the clock can be set while it runs. What measures durations goes on as it is.
import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 5;
const file = process.env.CLOCK_SHIFT_FILE;
const realNow = Date.now;
let lookedMs = -Infinity;
let shiftMs = 0;

function now() {
  if (performance.now() - lookedMs > LOOK_EVERY_MS) {
    shiftMs = Number(readFileSync(file, 'utf8'));
    lookedMs = performance.now();
  }
  return realNow() + shiftMs;
}

Date.now = now;
globalThis.Date = new Proxy(Date, {
  construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
  apply: () => new Date(now()).toString(),
});

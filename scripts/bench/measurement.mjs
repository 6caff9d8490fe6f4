import { setTimeout as delay } from 'node:timers/promises';
import { cpuSecondsOf, machineCpuSeconds, memoryMiBOf } from './processes.mjs';

/** What the generator counts in some seconds, and the CPU seconds that everybody spent meanwhile. */
export async function measure({ app, load, signal }, seconds) {
  const meter = new CpuMeter(app);
  await load.tell('mark');
  await delay(seconds * 1000, undefined, { signal });
  const snapshot = await load.tell('snapshot');
  const cpu = meter.read(snapshot.cpuSeconds);
  app.ensureRunning();
  return { snapshot, cpu };
}

/** Takes the CPU seconds of the app, its servers and the rest of the machine from its making on. */
export class CpuMeter {
  #app;
  #startedAt = performance.now();
  #partsBefore;
  #machineBefore = machineCpuSeconds();

  constructor(app) {
    this.#app = app;
    this.#partsBefore = cpuSecondsOf(app.pid);
  }

  /** @param {number} generator the load generator's CPU seconds meanwhile */
  read(generator) {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const machine = differenceOf(this.#machineBefore, machineCpuSeconds());
    const parts = differenceOf(this.#partsBefore, cpuSecondsOf(this.#app.pid));
    const others = Math.max(0, machine.spent - sumOf(parts) - generator);
    return { seconds, parts, generator, others, stolen: machine.stolen };
  }
}

/** CPU seconds per 1,000 executions, by part and in sum; the load generator's own is not in the sum. */
export function cpuPer1000({ parts, generator }, executions) {
  const per = (seconds) => round((seconds / executions) * 1000, 3);
  return { ...mapValues(parts, per), sum: per(sumOf(parts)), generatorApart: per(generator) };
}

/**
 * CPUs in use, on average. `othersApart`: programs that have nothing to do with the bench; `stolen`: what the host of a
 * virtual machine took. Both are noise: figures taken while they are high say little.
 */
export function cpusBusy({ seconds, parts, generator, others, stolen }) {
  return mapValues({ ...parts, generatorApart: generator, othersApart: others, stolen }, (used) =>
    round(used / seconds, 2),
  );
}

/** Resident MiB by part and in sum. */
export function memoryNow(app) {
  const parts = memoryMiBOf(app.pid);
  return { ...parts, sum: sumOf(parts) };
}

export function round(number, digits = 0) {
  return Math.round(number * 10 ** digits) / 10 ** digits;
}

function sumOf(parts) {
  return Object.values(parts).reduce((sum, figure) => sum + figure, 0);
}

function differenceOf(before, after) {
  return Object.fromEntries(Object.keys(after).map((part) => [part, after[part] - before[part]]));
}

function mapValues(parts, figure) {
  return Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, figure(value)]));
}

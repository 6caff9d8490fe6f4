// `node scripts/bench/code.mjs`: what the sandbox for code does by itself, without log, queue and database. Needs a build.
import { availableParallelism } from 'node:os';
import { createCodeSandbox } from '#libs/code-sandbox';

const SECONDS = 10;
const WARM_UP_RUNS = 200;
const code =
  'return nodes.load.output.items.filter((item) => item.price > 10).map((item) => ({ ...item, tax: item.price / 5 }));';
const items = Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}`, price: id * 1.5 }));
const input = { trigger: null, nodes: { load: { output: { items } } }, execution: null, workflow: null, vars: {} };

async function measure(threads, atOnce) {
  await using sandbox = createCodeSandbox({ threads });
  const run = () => sandbox.run({ code, input, seed: 'bench', nowMs: 0 });
  for (let done = 0; done < WARM_UP_RUNS; done += atOnce) await Promise.all(Array.from({ length: atOnce }, run));
  const tookMs = [];
  const cpu = process.cpuUsage();
  const started = performance.now();
  const lane = async () => {
    while (performance.now() - started < SECONDS * 1000) {
      const at = performance.now();
      await run();
      tookMs.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  tookMs.sort((a, b) => a - b);
  const at = (share) => Math.round(tookMs[Math.floor(share * (tookMs.length - 1))] * 100) / 100;
  return {
    threads,
    atOnce,
    runsPerSecond: Math.round(tookMs.length / seconds),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuMsPerRun: Math.round((user + system) / 10 / tookMs.length) / 100,
    rssMiB: Math.round(process.memoryUsage.rss() / 1_048_576),
  };
}

const threads = Math.max(2, availableParallelism() - 1);
for (const [count, atOnce] of [
  [1, 1],
  [threads, threads],
  [threads, 64],
]) {
  process.stdout.write(`${JSON.stringify(await measure(count, atOnce))}\n`);
}

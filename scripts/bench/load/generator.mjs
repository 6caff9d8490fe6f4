// The process that makes the load and plays the outside world, apart from the system under test so that its CPU can be
// told apart. Takes orders over the channel to its parent, and ends when that closes.
import { OrderLoad } from './order-load.mjs';
import { RequestLoad } from './request-load.mjs';
import { startSink } from './sink.mjs';

const LOADS = { orders: OrderLoad, requests: RequestLoad };

let load;
let cpuAtMark = process.cpuUsage();
const sink = await startSink((body) => load?.arrived(body));

const actions = {
  start({ kind, ...options }) {
    const { hostname, port } = new URL(options.url);
    load = new LOADS[kind]({ ...options, host: hostname, port: Number(port) }, (reached) =>
      process.send({ milestone: reached, at: performance.now() }),
    );
    load.start();
  },
  mark() {
    cpuAtMark = process.cpuUsage();
    load.mark();
  },
  snapshot() {
    const { user, system } = process.cpuUsage(cpuAtMark);
    return { ...load.snapshot(), cpuSeconds: (user + system) / 1e6 };
  },
  pause: () => load.pause(),
  stop: () => load.stop(),
};

process.on('message', ({ id, action, options }) => {
  try {
    process.send({ id, result: actions[action](options) ?? null });
  } catch (error) {
    process.send({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
process.once('disconnect', () => process.exit(0));
// Ctrl-C at the terminal reaches the whole group; the parent decides when we end.
process.on('SIGINT', () => undefined);
process.send({ sinkUrl: sink.url });

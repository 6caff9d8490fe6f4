// GitHub with its limit, and who calls the webhooks whose executions call it: a process apart from the system under test.
// Takes orders over the channel to its parent, and ends when that closes. Plain source: what is for tests is not built.
import { startFakeGitHub } from '../../../libs/connectors/github/src/testing/index.ts';
import { OrderLoad } from '../load/order-load.mjs';

const fake = await startFakeGitHub();
/** By the owner of the repository that its executions ask for; the name of the repository is the order's. */
const loads = new Map();
let cpuAtMark = process.cpuUsage();
let otherBefore;

fake.trouble = ({ path }) => {
  const [, , owner, order] = path.split('/');
  fake.repository(`${owner}/${order}`).open({ title: 'It fails', body: 'x'.repeat(1_000) });
  loads.get(owner)?.arrived(`"${order}`);
  return undefined;
};

const actions = {
  /** `milestone`: after so many calls that arrived `other`, the name of another load, begins to be measured anew. */
  start({ name, url, rate, milestone, other }) {
    const { hostname, port } = new URL(url);
    const options = { url, host: hostname, port: Number(port), slots: 0, until: 'rate', rate, milestone };
    const load = new OrderLoad(options, (reached) => {
      otherBefore = loads.get(other).snapshot();
      loads.get(other).mark();
      process.send({ milestone: reached, at: performance.now() });
    });
    loads.set(name, load);
    load.start();
    return performance.now();
  },
  /** On the clock that milestones are told by. */
  now: () => performance.now(),
  mark() {
    cpuAtMark = process.cpuUsage();
  },
  snapshot() {
    const { user, system } = process.cpuUsage(cpuAtMark);
    return {
      cpuSeconds: (user + system) / 1e6,
      refusedByLimit: fake.refusedByLimit(),
      otherBefore,
      loads: Object.fromEntries([...loads].map(([name, load]) => [name, load.snapshot()])),
    };
  },
  pause({ name }) {
    loads.get(name).pause();
  },
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
process.send({ apiUrl: fake.url });

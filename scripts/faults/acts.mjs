const FULL_SECONDS = 15;
const BY_ITSELF_SECONDS = 5;

/**
 * What is done to the system: `run` does it, and tells it with the pids when whatever it took away is there again. `hold`
 * waits while the fault lasts; `accepted` counts the calls that were accepted so far.
 */
export const ACTS = {
  'worker-killed': killed('worker-1', 5),
  'worker-stopped': frozen('worker-1', 20),
  'api-killed': killed('api', 2),
  'api-stopped': frozen('api', 20),
  'projector-killed': killed('projector-1', 5),
  'projector-stopped': frozen('projector-1', 20),
  'nats-killed': killed('nats', 5),
  'nats-stopped': frozen('nats', 20),
  'postgres-killed': killed('postgres', 5),
  'disk-full': {
    seconds: FULL_SECONDS + BY_ITSELF_SECONDS,
    summary: `fills the disk of NATS for ${FULL_SECONDS} s, makes room, and restarts NATS if it does not go on`,
    leftOut: ({ whyNoDisk, disk }) => (disk ? undefined : whyNoDisk),
    run: fillDisk,
  },
};

function killed(name, seconds) {
  return {
    seconds,
    summary: `kill -9 of ${name}, started again after ${seconds} s`,
    async run({ system, hold }) {
      const part = system.part(name);
      const { pid } = part;
      await part.kill();
      await hold(seconds);
      await part.start();
      return `kill -9 of ${name} (${pid}), again after ${seconds} s as ${part.pid}`;
    },
  };
}

function frozen(name, seconds) {
  return {
    seconds,
    summary: `SIGSTOP of ${name}, SIGCONT after ${seconds} s`,
    async run({ system, hold }) {
      const part = system.part(name);
      part.freeze();
      await hold(seconds);
      part.thaw();
      return `SIGSTOP of ${name} (${part.pid}), SIGCONT after ${seconds} s`;
    },
  };
}

/** After a write that failed, nats-server 2.15 stores nothing in that stream until it is started again. */
async function fillDisk({ system, hold, accepted }) {
  const { disk } = system;
  await disk.fill();
  await hold(FULL_SECONDS);
  disk.free();
  const before = accepted();
  await hold(BY_ITSELF_SECONDS);
  const told = `disk of nats full, room again after ${FULL_SECONDS} s`;
  if (accepted() > before) return told;
  const nats = system.part('nats');
  const { pid } = nats;
  await nats.stop();
  await nats.start();
  return `${told}; ${BY_ITSELF_SECONDS} s later still nothing is stored, so nats (${pid}) restarted as ${nats.pid}`;
}

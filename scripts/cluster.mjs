// The topology of docker-compose.yml without containers: three clustered nats-servers and a Postgres on loopback, and the
// roles as processes. One JSON line on stdout when all of it is ready; Ctrl-C or SIGTERM stops it, servers last.
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { lockDataDir, startPostgres } from '../dist/libs/embedded-servers/src/index.js';
import { startNatsCluster } from './cluster/nats-cluster.mjs';
import { startRoles } from './cluster/roles.mjs';
import { keepSecretKey } from './cluster/secret-key.mjs';

const USAGE = `npm run cluster -- [--data-dir DIR] [--allow-private-network] [--log-level LEVEL] [--visible-within-ms MS]
  --data-dir DIR            keeps everything there; default: a temporary directory that goes with the cluster
  --allow-private-network   lets HTTP nodes reach loopback, private and link-local addresses
  --log-level LEVEL         of the roles; default: info. Their logs are files below the data directory
  --visible-within-ms MS    how long a change waits for reads to see it; default: 2000
`;

function parseOptions() {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      'allow-private-network': { type: 'boolean', default: false },
      'log-level': { type: 'string', default: 'info' },
      'visible-within-ms': { type: 'string', default: '2000' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

/** Everything that is started, so that it can be stopped in the opposite order. */
class Started {
  #stops = [];

  add(stop) {
    this.#stops.unshift(stop);
  }

  async stop() {
    for (const stop of this.#stops.splice(0)) await stop();
  }
}

async function start(options, started) {
  const dataDir = await openDataDir(options['data-dir'], started);
  const lock = await lockDataDir(dataDir);
  started.add(() => lock.release());
  const secretKey = await keepSecretKey(dataDir);

  const [nats, postgres] = await Promise.all([
    startNatsCluster(join(dataDir, 'nats'), started),
    startDatabase(join(dataDir, 'postgres'), started),
  ]);

  const env = {
    NATS_URL: nats.map(({ url }) => url).join(','),
    NATS_REPLICAS: String(nats.length),
    DATABASE_URL: postgres.url,
    MILLRACE_SECRET_KEY: secretKey,
    MILLRACE_ALLOW_PRIVATE_NETWORK: String(options['allow-private-network']),
    LOG_LEVEL: options['log-level'],
    MILLRACE_VISIBLE_WITHIN_MS: options['visible-within-ms'],
  };
  const roles = await startRoles(env, join(dataDir, 'roles'), started);
  const apis = roles.filter(({ roles }) => roles.includes('api')).map(({ url }) => url);
  const server = ({ url, pid }) => ({ url, pid });
  return { ready: true, pid: process.pid, dataDir, apis, roles, nats: nats.map(server), postgres: server(postgres) };
}

async function startDatabase(dataDir, started) {
  const postgres = await startPostgres({ dataDir });
  started.add(() => postgres.stop());
  return postgres;
}

async function openDataDir(wanted, started) {
  if (wanted !== undefined) {
    await mkdir(wanted, { recursive: true });
    return resolve(wanted);
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-cluster-'));
  chmodSync(dataDir, 0o755); // as root, Postgres runs as somebody else, who must be able to go in
  started.add(async () => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

async function main() {
  const options = parseOptions();
  if (options.help) return process.stdout.write(USAGE);
  const started = new Started();
  const starting = start(options, started);
  const { promise: signalled, resolve: stopNow } = Promise.withResolvers();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stopNow);
  try {
    // A signal during the start waits for its end, so that nothing is started behind the back of the stop.
    process.stdout.write(`${JSON.stringify(await starting)}\n`);
    await signalled;
  } finally {
    await started.stop();
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`The cluster did not start: ${error.message}\n`);
  process.exit(1);
}

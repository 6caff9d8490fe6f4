import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { findFreePort, findNatsServer, startNatsServer } from '../../dist/libs/embedded-servers/src/index.js';

const NODES = ['n1', 'n2', 'n3'];
const ATTEMPTS = 120;
const BETWEEN_ATTEMPTS_MS = 250;

/** Three servers that have found each other and can store what three of them must hold. */
export async function startNatsCluster(dataDir, started) {
  const binary = await findNatsServer();
  const routePorts = await Promise.all(NODES.map(() => findFreePort()));
  const routes = routePorts.map((port) => `nats://127.0.0.1:${port}`).join(', ');
  const servers = await Promise.all(
    NODES.map(async (name, index) => {
      const listen = `127.0.0.1:${routePorts[index]}`;
      const extraConfig = `server_name: ${name}\ncluster { name: millrace, listen: "${listen}", routes: [${routes}] }`;
      const server = await startNatsServer({
        binary,
        dataDir: join(dataDir, name),
        syncInterval: 'always',
        extraConfig,
      });
      started.add(() => server.stop());
      return server;
    }),
  );
  await untilItReplicates(servers.map(({ url }) => url));
  return servers;
}

/** The servers answer before they have elected a leader; a stream on all three proves that they have. */
async function untilItReplicates(urls) {
  const client = await connect({ servers: urls });
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const { streams } = await jetstreamManager(client);
        await streams.add({ name: 'PROBE', subjects: ['probe'], num_replicas: NODES.length, storage: 'memory' });
        await streams.delete('PROBE');
        return;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
        await delay(BETWEEN_ATTEMPTS_MS);
      }
    }
  } finally {
    await client.close();
  }
}

// A process to be killed: takes what it is told to, says so in one JSON line, and stays until it is ended.
// Usage: embedded-servers-holder.mjs lock|servers DATA_DIR
import { join } from 'node:path';
import {
  findNatsServer,
  lockDataDir,
  startNatsServer,
  startPostgres,
} from '../../dist/libs/embedded-servers/src/index.js';

const [what, dataDir] = process.argv.slice(2);

const take = {
  lock: async () => {
    await lockDataDir(dataDir);
    return {};
  },
  servers: async () => {
    const binary = await findNatsServer();
    const nats = await startNatsServer({ binary, dataDir: join(dataDir, 'nats'), syncInterval: '1m' });
    const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres') });
    return { nats: { pid: nats.pid, url: nats.url }, postgres: { pid: postgres.pid, url: postgres.url } };
  },
};

try {
  const taken = await take[what]();
  process.stdout.write(`${JSON.stringify({ pid: process.pid, ...taken })}\n`);
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ pid: process.pid, refused: error.code, message: error.message })}\n`);
}

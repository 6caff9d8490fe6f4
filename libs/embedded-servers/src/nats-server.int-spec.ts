import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { EmbeddedServer } from './embedded-server.ts';
import { findNatsServer } from './find-nats-server.ts';
import { keepRunning } from './keep-running.ts';
import { configFileOf } from './nats-config.ts';
import { findRunningNatsServer, startNatsServer } from './nats-server.ts';
import { findProcesses, identityOf } from './process-table.ts';

describe('the embedded nats-server', () => {
  let binary: string;
  let dataDir: string;

  beforeEach(async () => {
    binary = await findNatsServer();
    dataDir = await mkdtemp(join(process.env.MILLRACE_TEST_DATA_DIR!, 'nats server '));
  });

  function start(port?: number): Promise<EmbeddedServer> {
    return startNatsServer({ binary, dataDir, syncInterval: 'always', ...(port === undefined ? {} : { port }) });
  }

  it('keeps its data through a stop in good order', async () => {
    const first = await start();
    await storeMessage(first.url, 'kept');
    await first.stop();
    await expect(first.exited).resolves.toMatchObject({ expected: true, code: 0 });

    await using second = await start();

    expect(await storedMessages(second.url)).toEqual(['kept']);
  });

  it('keeps its data through kill -9, and says that the end was not asked for', async () => {
    const first = await start();
    await storeMessage(first.url, 'kept');
    process.kill(first.pid, 'SIGKILL');
    await expect(first.exited).resolves.toMatchObject({ expected: false, signal: 'SIGKILL' });

    await using second = await start();

    expect(await storedMessages(second.url)).toEqual(['kept']);
  });

  it('is found by its directory while it runs', async () => {
    expect(await findRunningNatsServer(join(dataDir, 'none'))).toBeUndefined();
    expect(await findRunningNatsServer(dataDir)).toBeUndefined();
    const server = await start();
    expect(await findRunningNatsServer(dataDir)).toBe(server.url);
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    expect(await findRunningNatsServer(dataDir)).toBeUndefined();
  });

  it('ends a server that was left on the same directory before it starts', async () => {
    await (await start()).stop(); // leaves the configuration
    const orphan = spawn(binary, ['-c', configFileOf(dataDir)], { stdio: 'ignore', detached: true });
    const ended = once(orphan, 'exit');

    await using server = await start();

    await ended;
    expect(findProcesses(`nats-server -c ${configFileOf(dataDir)}`)).toEqual([server.pid]);
  });

  it('refuses a port that is taken, and leaves nothing running', async () => {
    const other = createServer();
    const port = await listen(other);
    try {
      await expect(start(port)).rejects.toMatchObject({
        code: 'PORT_IN_USE',
        message: expect.stringContaining(`127.0.0.1:${port}`) as string,
      });
      expect(findProcesses(`nats-server -c ${configFileOf(dataDir)}`)).toEqual([]);
    } finally {
      other.close();
    }
  });

  it('shows the end of the log when the configuration is bad', async () => {
    const bad = startNatsServer({ binary, dataDir, syncInterval: 'now and then' });

    await expect(bad).rejects.toMatchObject({
      code: 'SERVER_DID_NOT_START',
      message: expect.stringMatching(/nats-server ended while it started.*sync_interval/s) as string,
    });
  });

  it('is not found where it is not', async () => {
    const missing = startNatsServer({ binary: '/nowhere/nats-server', dataDir, syncInterval: 'always' });

    await expect(missing).rejects.toMatchObject({ code: 'SERVER_DID_NOT_START' });
  });

  it('comes back on its port when it is kept running', async () => {
    const { promise: restarted, resolve } = Promise.withResolvers<number>();
    const signals: (string | null)[] = [];
    const kept = await keepRunning(start, {
      crashed: (exit) => signals.push(exit.signal),
      restartFailed: () => undefined,
      restarted: resolve,
    });
    const firstPid = kept.pid;
    await storeMessage(kept.url, 'kept');

    process.kill(firstPid, 'SIGKILL');

    expect(await restarted).toBe(kept.pid);
    expect(kept.pid).not.toBe(firstPid);
    expect(signals).toEqual(['SIGKILL']);
    expect(await storedMessages(kept.url)).toEqual(['kept']);
    await kept.stop();
    await expect(kept.exited).resolves.toMatchObject({ expected: true });
    expect(identityOf(kept.pid)).toBeUndefined();
  });
});

async function storeMessage(url: string, text: string): Promise<void> {
  const client = await connect({ servers: url });
  await (await jetstreamManager(client)).streams.add({ name: 'S', subjects: ['s'] });
  await jetstream(client).publish('s', text);
  await client.close();
}

async function storedMessages(url: string): Promise<string[]> {
  const client = await connect({ servers: url });
  const streams = (await jetstreamManager(client)).streams;
  const { state } = await streams.info('S');
  const texts: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await streams.getMessage('S', { seq });
    if (message) texts.push(message.string());
  }
  await client.close();
  return texts;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

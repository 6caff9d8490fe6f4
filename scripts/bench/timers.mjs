// `node scripts/bench/timers.mjs`: what armed timers cost a nats-server of their own, and how late they fire. Needs a build.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { findNatsServer, startNatsServer } from '#libs/embedded-servers';
import {
  JetStreamConnection,
  JetStreamPublisher,
  reconcileConsumer,
  reconcileStream,
  WorkConsumer,
} from '#libs/jetstream';
import { dueSubject, timerStream, timerSubject, TIMER_CONSUMER, TIMER_STREAM } from '#libs/work-queue-jetstream';

const TIMERS = 100_000;
/** They are due over this long, so many a second: the load. */
const SPREAD_MS = 50_000;
const ARM_WITHIN_MS = 40_000;
const IN_FLIGHT = 1_000;

const residentMiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const dataDir = mkdtempSync(join(tmpdir(), 'millrace-timers-'));
const server = await startNatsServer({
  binary: await findNatsServer(),
  dataDir,
  syncInterval: process.argv[2] ?? '1s',
});
try {
  await using connection = await JetStreamConnection.open({ servers: [server.url] });
  const manager = await jetstreamManager(connection.client, { checkAPI: false });
  await reconcileStream(manager, timerStream(1));
  await reconcileConsumer(manager, TIMER_STREAM, TIMER_CONSUMER);
  await using publisher = new JetStreamPublisher(connection);
  const before = residentMiB(server.pid);
  const armedAt = Date.now();
  const firstAt = armedAt + ARM_WITHIN_MS;
  const arm = (index) => {
    const executionId = `ex_bench${String(index).padStart(31, '0')}`;
    const dueAt = new Date(firstAt + (index / TIMERS) * SPREAD_MS).toISOString();
    return publisher.publish(timerSubject(executionId, 'wait-pause'), JSON.stringify({ executionId, dueAt }), {
      headers: { 'Nats-Schedule': `@at ${dueAt}`, 'Nats-Schedule-Target': dueSubject(executionId) },
    });
  };
  for (let index = 0; index < TIMERS; index += IN_FLIGHT)
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, offset) => arm(index + offset)));
  const armSeconds = (Date.now() - armedAt) / 1000;
  const armed = residentMiB(server.pid);
  const late = [];
  await using consumer = new WorkConsumer(connection, {
    stream: TIMER_STREAM,
    consumer: TIMER_CONSUMER.durable_name,
    slots: 256,
    ackWaitMs: 5_000,
    work: async (message) => void late.push(Date.now() - Date.parse(message.json().dueAt)),
    onError: (error) => process.stderr.write(`${error}\n`),
    onGone: async () => undefined,
  });
  while (late.length < TIMERS && Date.now() < firstAt + SPREAD_MS + 30_000) await delay(200);
  await consumer.drain();
  late.sort((one, other) => one - other);
  const at = (share) => late[Math.floor(share * (late.length - 1))];
  const figures = {
    timers: TIMERS,
    armedPerSecond: Math.round(TIMERS / armSeconds),
    armedMiB: Math.round(armed - before),
    firedPerSecond: Math.round(TIMERS / (SPREAD_MS / 1000)),
    fired: late.length,
    lateMs: { min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) },
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

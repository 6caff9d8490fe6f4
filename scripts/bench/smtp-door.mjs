// How many messages `libs/smtp-door` takes when what stands behind it takes them at once. After `npm run build`:
//
//   node scripts/bench/smtp-door.mjs [--kib 50] [--connections 10] [--seconds 10] [--warmup 3] [--tls]
//
// The door is in this process, the client in another; both use the same processors. The client waits for each answer before
// it sends the next message on that connection. Everything is on loopback.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kib: { type: 'string', default: '50' },
    connections: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '10' },
    warmup: { type: 'string', default: '3' },
    tls: { type: 'boolean', default: false },
    to: { type: 'string' },
  },
});
const kib = Number(values.kib);
const connections = Number(values.connections);

if (values.to === undefined) await receive();
else await send(Number(values.to));

async function receive() {
  const { createSmtpDoor } = await import('../../dist/libs/smtp-door/src/index.js');
  let taken = 0;
  let isWrong = false;
  const door = await createSmtpDoor({
    port: 0,
    host: '127.0.0.1',
    hostname: 'mx.example.org',
    ...(values.tls ? { tls: testCertificate() } : {}),
    limits: { messagesPerMinutePerClient: 1e9, messagesPerConnection: 1e9, connectionsPerClient: connections },
    clock: { nowMs: () => Date.now() },
    onEvent: ({ kind }) => (isWrong ||= kind === 'fault' || kind === 'refused'),
    door: {
      recipient: async () => 'ok',
      deliver: async ({ raw }) => {
        isWrong ||= raw.length !== kib * 1024;
        taken += 1;
        return { kind: 'taken' };
      },
    },
  });
  const client = fork(import.meta.filename, [...process.argv.slice(2), '--to', String(door.port)]);
  await delay(Number(values.warmup) * 1000);
  const [before, startedAt, cpuBefore] = [taken, performance.now(), process.cpuUsage()];
  await delay(Number(values.seconds) * 1000);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const count = taken - before;
  const exited = once(client, 'exit');
  if (client.kill()) await exited;
  const wasWrong = isWrong || count === 0;
  await door[Symbol.asyncDispose]();
  const figures = [
    `${(count / seconds).toFixed(0)} messages of ${kib} KiB a second`,
    `${connections} connections${values.tls ? ' with TLS' : ''}`,
    `${((user + system) / 1000 / count).toFixed(2)} ms of processor a message`,
    `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB resident`,
  ];
  process.stdout.write(`${figures.join(', ')}\n`);
  if (wasWrong) process.stdout.write('something was refused, failed, or came in another length\n');
  process.exitCode = wasWrong ? 1 : 0;
}

async function send(port) {
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection');
  const line = `${'x'.repeat(126)}\r\n`;
  const message = Buffer.from(line.repeat((kib * 1024) / line.length));
  // nodemailer writes into it.
  const newEnvelope = () => ({ from: 'ann@example.com', to: ['in@example.org'], size: message.length });
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const connection = new SMTPConnection({ port, host: '127.0.0.1', tls: { rejectUnauthorized: false } });
      await new Promise((resolve) => connection.connect(resolve));
      for (;;) {
        await new Promise((resolve, reject) =>
          connection.send(newEnvelope(), message, (error) => (error ? reject(error) : resolve())),
        );
      }
    }),
  );
}

/** From what the tests have: it is TypeScript, and not built. */
function testCertificate() {
  const file = new URL('../../libs/outbound-mail/src/testing/localhost-certificate.ts', import.meta.url);
  const [cert, key] = readFileSync(file, 'utf8').match(/-----BEGIN [^`]*/g);
  return { cert, key };
}

// Sends mails as fast as the library does; all of them wait in it, a bounded number at a time.
import { fork } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createOutboundMail } from '../../../dist/libs/outbound-mail/src/index.js';

const AT_ONCE = 200;
const WARM_UP_MAILS = 200;
const TEXT = 'Dear Ben, your order is on its way. It will arrive on Tuesday – please be at home.\n'.repeat(12);
const HTML = `<html><body>${`<p>${TEXT.slice(0, 240)}</p>\n`.repeat(20)}</body></html>`;

function mailOf(index) {
  const to = `ben${index}@example.org`;
  return {
    messageId: `<m${index}@example.com>`,
    date: '2026-11-29T12:00:00.000Z',
    from: { address: 'ann@example.com', name: 'Ann' },
    to: [{ address: to }],
    subject: `Your order ${index} is on its way`,
    text: TEXT,
    html: HTML,
    envelope: { from: `bounce+${index}@example.com`, to: [to] },
  };
}

function dkimKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { domain: 'example.com', selector: 's1', privateKey: pem };
}

async function sendAll(outbound, server, count) {
  let next = 0;
  const lane = async () => {
    while (next < count) await outbound.send(server, mailOf(next++));
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, lane));
}

export async function measureOut({ mails, connections, dkim, tls }) {
  const sink = fork(new URL('./sink-process.mjs', import.meta.url), tls ? ['--tls'] : [], {
    execArgv: ['--no-warnings'],
  });
  const [port] = await once(sink, 'message');
  await using outbound = createOutboundMail({ allowPrivateNetwork: true, clock: { nowMs: () => Date.now() } });
  const server = {
    key: 'sink',
    host: '127.0.0.1',
    port,
    secure: false,
    requireTls: tls,
    ...(tls ? { rejectUnauthorized: false } : {}),
    maxConnections: connections,
    ...(dkim ? { dkim: dkimKey() } : {}),
  };
  try {
    await sendAll(outbound, server, WARM_UP_MAILS);
    const rssMiB = { before: rss() };
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const cpu = process.cpuUsage();
    delay.enable();
    const startedAt = performance.now();
    await sendAll(outbound, server, mails);
    const seconds = (performance.now() - startedAt) / 1000;
    delay.disable();
    const { user, system } = process.cpuUsage(cpu);
    rssMiB.after = rss();
    sink.send('how many');
    const [received] = await once(sink, 'message');
    return {
      settings: { mails, connections, dkim, tls, bytes: TEXT.length + HTML.length },
      mailsPerSecond: Math.round(mails / seconds),
      cpuMsPerMail: Math.round((user + system) / mails) / 1000,
      rssMiB,
      longestLoopDelayMs: Math.round(delay.max / 1e4) / 100,
      isComplete: received === WARM_UP_MAILS + mails,
    };
  } finally {
    sink.disconnect();
  }
}

function rss() {
  return Math.round(process.memoryUsage.rss() / 1_048_576);
}

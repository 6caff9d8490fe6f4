// Sends messages with an attachment, each when the last one on its connection was answered; counts on request.
import { once } from 'node:events';
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';

const { port, to, connections, bytes } = JSON.parse(process.argv[2]);
const counts = { taken: 0, refused: 0, longestMs: 0 };
const pdf = pdfOf(bytes);
const MESSAGES_PER_CONNECTION = 900;

/** As large as fits into a message of so many bytes: base64 adds a third, its line ends a little more. */
function pdfOf(messageBytes) {
  const content = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(Math.floor((messageBytes - 900) * 0.73))]);
  return content
    .toString('base64')
    .match(/.{1,76}/g)
    .join('\r\n');
}

function messageOf(id) {
  return [
    'From: Ann <ann@example.org>',
    `To: <${to}>`,
    'Subject: Invoice',
    `Message-ID: <${id}@example.org>`,
    'Date: Sun, 29 Nov 2026 10:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="part"',
    '',
    '--part',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Dear Ben, here is the invoice.',
    '--part',
    'Content-Type: application/pdf; name="invoice.pdf"',
    'Content-Disposition: attachment; filename="invoice.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    pdf,
    '--part--',
    '.',
    '',
  ].join('\r\n');
}

async function sendOnOne(lane) {
  for (let round = 0; ; round++) {
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('latin1');
    const ask = async (line, last = /^\d{3} .*\r\n$/m) => {
      if (line !== undefined) socket.write(`${line}\r\n`);
      let reply = '';
      while (!last.test(reply)) reply += (await once(socket, 'data'))[0];
      return reply;
    };
    await ask();
    await ask('EHLO load.example.org');
    for (let n = 0; n < MESSAGES_PER_CONNECTION; n++) {
      // Together, as mail servers do where PIPELINING is offered.
      await ask(`MAIL FROM:<ann@example.org>\r\nRCPT TO:<${to}>\r\nDATA`, /^354 .*\r\n$/m);
      const startedAt = performance.now();
      const reply = await ask(messageOf(`${process.pid}-${lane}-${round}-${n}`).slice(0, -2));
      counts.longestMs = Math.max(counts.longestMs, Math.round(performance.now() - startedAt));
      if (reply.startsWith('250')) counts.taken++;
      else counts.refused++;
    }
    await ask('QUIT');
    socket.destroy();
  }
}

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ ...counts, cpuSeconds: (user + system) / 1e6 });
});
process.on('disconnect', () => process.exit());
for (let lane = 0; lane < connections; lane++) void sendOnOne(lane);

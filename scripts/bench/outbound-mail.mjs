// What `libs/outbound-mail` does by itself, without log, queue and database. After `npm run build`:
//
//   node scripts/bench/outbound-mail.mjs [--mails 5000] [--connections 5] [--dkim] [--tls]
//
// Sends that many mails over one pool of connections to a server in a process of its own, which reads and drops them.
import { parseArgs } from 'node:util';
import { measureOut } from './mail/out.mjs';

const USAGE = 'node scripts/bench/outbound-mail.mjs [--mails 5000] [--connections 5] [--dkim] [--tls]\n';

const { values } = parseArgs({
  options: {
    mails: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '5' },
    dkim: { type: 'boolean', default: false },
    tls: { type: 'boolean', default: false },
  },
});
const mails = Number(values.mails);
const connections = Number(values.connections);
if (!(mails >= 1) || !(connections >= 1)) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const figures = await measureOut({ mails, connections, dkim: values.dkim, tls: values.tls });
  process.stdout.write(`${JSON.stringify({ bench: 'outbound-mail', ...figures })}\n`);
}

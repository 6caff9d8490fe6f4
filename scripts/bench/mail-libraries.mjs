// What the mail libraries do by themselves, without log, queue and database. After `npm run build`:
//
//   node scripts/bench/mail-libraries.mjs out [--mails 5000] [--connections 5] [--dkim] [--tls]
//   node --expose-gc scripts/bench/mail-libraries.mjs templates [--mails 5000]
//
// `out` sends that many mails over one pool of connections to a server in a process of its own, which reads and drops them.
// `templates` renders that many of one template.
import { parseArgs } from 'node:util';
import { measureOut } from './mail/out.mjs';
import { measureTemplates } from './mail/templates.mjs';

const PARTS = { out: measureOut, templates: measureTemplates };
const USAGE = 'node scripts/bench/mail-libraries.mjs out|templates [--mails 5000] [--connections 5] [--dkim] [--tls]\n';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mails: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '5' },
    dkim: { type: 'boolean', default: false },
    tls: { type: 'boolean', default: false },
  },
});
const [part = ''] = positionals;
const measure = Object.hasOwn(PARTS, part) ? PARTS[part] : undefined;
const mails = Number(values.mails);
const connections = Number(values.connections);
if (!measure || !(mails >= 1) || !(connections >= 1)) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const figures = await measure({ mails, connections, dkim: values.dkim, tls: values.tls });
  process.stdout.write(`${JSON.stringify({ bench: `mail ${part}`, ...figures })}\n`);
}

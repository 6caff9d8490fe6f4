// A server that takes all mails and keeps none; ends with whoever started it. Plain source: what is for tests is not built.
import { startSmtpServer } from '../../../libs/outbound-mail/src/testing/smtp-server.ts';

const server = await startSmtpServer({ startTls: process.argv.includes('--tls'), keep: false });
process.on('message', () => process.send(server.mails.length));
process.on('disconnect', () => process.exit());
process.send(server.port);

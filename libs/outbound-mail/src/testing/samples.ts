import { toInstant } from '#libs/kernel';
import type { Mail, MailServer } from '../types.ts';

/** A small mail from Ann to Ben, with what a test wants otherwise. */
export function sampleMail(given: Partial<Mail> = {}): Mail {
  return {
    messageId: '<m1@example.com>',
    date: toInstant(Date.UTC(2026, 10, 29, 12)),
    from: { address: 'ann@example.com', name: 'Ann' },
    to: [{ address: 'ben@example.org' }],
    subject: 'Hello',
    text: 'It is on its way.',
    envelope: { from: 'ann@example.com', to: ['ben@example.org'] },
    ...given,
  };
}

/** A server on loopback as a client is told of it: in the clear, without a user. */
export function serverOn(port: number, given: Partial<MailServer> = {}): MailServer {
  return { key: `loopback/${port}`, host: '127.0.0.1', port, secure: false, ...given };
}

import { createTransport, type NodemailerError } from 'nodemailer';

export interface SentMessage {
  readonly to: readonly string[];
  /** Default `ann@example.org`. */
  readonly from?: string;
  readonly message: string | Buffer;
  /** Nothing is sent without STARTTLS; default: nothing is encrypted. */
  readonly ca?: string;
}

/** What the server's last word was, its code first. */
export type SmtpReply = string;

/** Hands bytes to a server as a client does, and gives the reply to DATA, or to what was refused before. */
export async function sendMessage(port: number, { to, from = 'ann@example.org', message, ca }: SentMessage) {
  const tls = ca === undefined ? { ignoreTLS: true } : { requireTLS: true, tls: { ca, servername: 'localhost' } };
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, ...tls });
  try {
    const { response } = await transport.sendMail({ envelope: { from, to: [...to] }, raw: message });
    return response;
  } catch (error) {
    const { response } = error as NodemailerError;
    if (response === undefined) throw error;
    return response;
  } finally {
    transport.close();
  }
}

/** A message with CRLF at the ends of its lines; `attachment` makes it one of two parts. */
export function messageOf({
  id,
  subject = 'Order',
  text = 'Two of them.',
  attachment,
}: {
  readonly id: string;
  readonly subject?: string;
  readonly text?: string;
  readonly attachment?: Buffer;
}): string {
  const head = [
    'From: Ann <ann@example.org>',
    'To: orders@in.example.com',
    `Subject: ${subject}`,
    `Message-ID: <${id}@example.org>`,
    'Date: Sun, 29 Nov 2026 10:00:00 +0000',
    'MIME-Version: 1.0',
  ];
  if (!attachment) return [...head, 'Content-Type: text/plain; charset=utf-8', '', text, ''].join('\r\n');
  const lines = attachment.toString('base64').match(/.{1,76}/g) ?? [];
  return [
    ...head,
    'Content-Type: multipart/mixed; boundary="part"',
    '',
    '--part',
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '--part',
    'Content-Type: application/pdf; name="order.pdf"',
    'Content-Disposition: attachment; filename="order.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    ...lines,
    '--part--',
    '',
  ].join('\r\n');
}

/** Mails as they come in, written for tests: `Buffer.from(mail)` is what a reader of mail takes. */
export interface SamplePart {
  readonly type: string;
  readonly text: string;
}

/** Of the mail that comes back: what samples return unless told otherwise. */
export const ORIGINAL = {
  messageId: '<original-1@shop.example>',
  from: 'news@shop.example',
  to: 'ada@example.com',
} as const;

/** Where notices come to, and from whom. */
const NOTICE_HEADERS: Readonly<Record<string, string>> = {
  'Return-Path': '<>',
  From: 'Mail Delivery System <MAILER-DAEMON@mx.example.net>',
  To: ORIGINAL.from,
  Subject: 'Undelivered Mail Returned to Sender',
};

export function textMail(headers: Readonly<Record<string, string>>, text: string): string {
  return written({ ...headers, 'MIME-Version': '1.0', 'Content-Type': 'text/plain; charset=utf-8' }, text);
}

/** `type` is `mixed`, or `report; report-type=…`. */
export function multipartMail(
  headers: Readonly<Record<string, string>>,
  type: string,
  parts: readonly SamplePart[],
): string {
  // One that none of the parts has, which may be multiparts themselves.
  const boundary = `=_${parts.reduce((total, { text }) => total + text.length, 0)}`;
  const bodies = parts.map((part) => `--${boundary}\r\nContent-Type: ${part.type}\r\n\r\n${part.text}\r\n`);
  const contentType = `multipart/${type}; boundary="${boundary}"`;
  return written(
    { ...headers, 'MIME-Version': '1.0', 'Content-Type': contentType },
    `${bodies.join('')}--${boundary}--\r\n`,
  );
}

/** The notice of a mail system, in words alone. */
export function textNotice(text: string, headers: Readonly<Record<string, string>> = {}): string {
  return textMail({ ...NOTICE_HEADERS, ...headers }, text);
}

export interface SampleReport {
  /** Of RFC 3464, the fields of one recipient each; `Action: failed` unless they say otherwise. */
  readonly recipients: readonly Readonly<Record<string, string>>[];
  readonly mailFields?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A delivery status notification (RFC 3464) with the headers of the mail that it is about. */
export function deliveryReport({ recipients, mailFields = {}, text = 'Sorry.', headers = {} }: SampleReport): string {
  const ofMail = { 'Reporting-MTA': 'dns; mx.example.net', ...mailFields };
  const ofRecipients = recipients.map((fields) => fieldLines({ Action: 'failed', ...fields }));
  return multipartMail({ ...NOTICE_HEADERS, ...headers }, 'report; report-type=delivery-status', [
    { type: 'text/plain', text },
    { type: 'message/delivery-status', text: [fieldLines(ofMail), ...ofRecipients].join('\r\n') },
    { type: 'text/rfc822-headers', text: originalHeaders() },
  ]);
}

/** A report of abuse (RFC 5965) about a mail to `ORIGINAL.to`. */
export function complaintReport(fields: Readonly<Record<string, string>>): string {
  const headers = { From: 'Feedback <feedback@isp.example>', To: 'abuse@shop.example', Subject: 'Abuse report' };
  return multipartMail(headers, 'report; report-type=feedback-report', [
    { type: 'text/plain', text: 'This is a report about a message that a user has marked.' },
    {
      type: 'message/feedback-report',
      text: fieldLines({ 'Feedback-Type': 'abuse', 'User-Agent': 'Isp/1', Version: '1', ...fields }),
    },
    { type: 'message/rfc822', text: `${originalHeaders()}\r\nHello\r\n` },
  ]);
}

export function originalHeaders(): string {
  return fieldLines({
    Received: 'from shop.example by mx.example.net; Sat, 28 Nov 2026 10:00:00 +0000',
    'Message-ID': ORIGINAL.messageId,
    From: ORIGINAL.from,
    To: ORIGINAL.to,
    Subject: 'News of the week',
  });
}

function fieldLines(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

function written(headers: Readonly<Record<string, string>>, body: string): string {
  return `${fieldLines(headers)}\r\n${body.replaceAll(/\r?\n/g, '\r\n')}`;
}

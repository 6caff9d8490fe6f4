import { readMail } from '#libs/mail-reading';
import type { BounceReport, FailedRecipient } from './index.ts';
import { classifyReturnedMail } from './index.ts';
import { deliveryReport, multipartMail, ORIGINAL, originalHeaders, textMail, textNotice } from './testing/index.ts';

async function classify(mail: string): Promise<BounceReport> {
  return classifyReturnedMail(await readMail(Buffer.from(mail)));
}

/** What a report with these fields of a recipient says of them. */
async function told(fields: Readonly<Record<string, string>>): Promise<FailedRecipient | undefined> {
  const report = await classify(deliveryReport({ recipients: [fields] }));
  return report.recipients[0];
}

describe('a delivery status notification', () => {
  it('says who was not reached and why, and which mail it was', async () => {
    const report = await classify(
      deliveryReport({
        mailFields: { 'Original-Envelope-Id': 'env-77' },
        recipients: [
          {
            'Original-Recipient': 'rfc822; Ada@example.com',
            'Final-Recipient': 'rfc822; ada@inbox.example.com',
            Status: '5.1.1',
            'Diagnostic-Code': 'smtp; 550 5.1.1 <ada@inbox.example.com>: user unknown',
          },
        ],
      }),
    );
    expect(report).toEqual({
      kind: 'bounce',
      recipients: [
        {
          address: 'Ada@example.com',
          kind: 'hard',
          reason: 'userUnknown',
          status: '5.1.1',
          replyCode: 550,
          diagnostic: '550 5.1.1 <ada@inbox.example.com>: user unknown',
          rule: 'userUnknown.unknown',
          originalMessageId: ORIGINAL.messageId,
          envelopeId: 'env-77',
        },
      ],
    });
  });

  it.each([
    ['5.1.1', '550 no', 'hard', 'userUnknown'],
    ['5.1.2', '550 no', 'hard', 'hostUnknown'],
    ['5.1.10', '556 no', 'hard', 'notAccepted'],
    ['5.2.1', '550 no', 'soft', 'suspended'],
    ['5.2.2', '552 no', 'mailboxFull', 'mailboxFull'],
    ['4.2.2', '452 no', 'mailboxFull', 'mailboxFull'],
    ['5.3.4', '552 no', 'policy', 'messageTooBig'],
    ['5.4.7', '554 no', 'soft', 'expired'],
    ['5.7.1', '550 no', 'policy', 'policyRefused'],
    ['5.7.26', '550 no', 'policy', 'authFailure'],
    ['4.1.1', '450 no', 'soft', 'userUnknown'],
    ['5.0.0', '550 no', 'soft', 'undetermined'],
  ])('goes by the status %s where the reply says %j', async (status, reply, kind, reason) => {
    expect(await told({ 'Final-Recipient': 'rfc822; ada@example.com', Status: status, 'Diagnostic-Code': `smtp; ${reply}` }))
      .toMatchObject({ kind, reason, status }); // prettier-ignore
  });

  it('believes the words of the other side before a status that the reporting host chose', async () => {
    const fields = { 'Final-Recipient': 'rfc822; ada@example.com', Status: '5.0.0' };
    expect(await told({ ...fields, 'Diagnostic-Code': 'smtp; 550 5.2.2 mailbox is full' })).toMatchObject({
      kind: 'mailboxFull',
      status: '5.2.2',
    });
    expect(await told({ ...fields, 'Diagnostic-Code': 'smtp; 550 no such user here' })).toMatchObject({ kind: 'hard' });
  });

  it('takes what is wrong with the sender for no fault of the recipient', async () => {
    const fields = { 'Final-Recipient': 'rfc822; ada@example.com', Status: '5.1.8' };
    expect(await told({ ...fields, 'Diagnostic-Code': 'smtp; 550 5.1.8 no such domain shop.example' })).toMatchObject({
      kind: 'policy',
      reason: 'senderRejected',
    });
  });

  it('tells what is still tried from what failed, and leaves out whoever was reached', async () => {
    const report = await classify(
      deliveryReport({
        recipients: [
          { 'Final-Recipient': 'rfc822; a@example.com', Action: 'delayed', Status: '4.4.1' },
          { 'Final-Recipient': 'rfc822; b@example.com', Action: 'relayed', Status: '2.0.0' },
          { 'Final-Recipient': 'rfc822; c@example.com', Action: 'delivered', Status: '2.1.5' },
          { 'Final-Recipient': 'rfc822; d@example.com', Action: 'failed', Status: '5.1.1' },
        ],
      }),
    );
    expect(report.recipients.map(({ address, kind }) => [address, kind])).toEqual([
      ['a@example.com', 'delayed'],
      ['d@example.com', 'hard'],
    ]);
  });

  it('is no bounce when everybody was reached', async () => {
    const recipients = [{ 'Final-Recipient': 'rfc822; a@example.com', Action: 'delivered', Status: '2.1.5' }];
    expect(await classify(deliveryReport({ recipients }))).toEqual({ kind: 'notBounce', recipients: [] });
  });

  it('goes by the status where the action is missing', async () => {
    expect(await told({ Action: '', 'Final-Recipient': 'rfc822; a@example.com', Status: '5.1.1' })).toMatchObject({
      kind: 'hard',
    });
  });

  it('names each address once, with the worst that is said of it', async () => {
    const to = { 'Final-Recipient': 'rfc822; ada@example.com' };
    const report = await classify(
      deliveryReport({
        recipients: [
          { ...to, Status: '4.4.1' },
          { 'Final-Recipient': 'rfc822; ADA@example.com', Status: '5.1.1' },
          { ...to, Status: '5.2.2' },
        ],
      }),
    );
    expect(report.recipients).toMatchObject([{ address: 'ADA@example.com', kind: 'hard' }]);
  });

  it('gives the address that the mail was sent to when its own address tells that', async () => {
    const recipients = [{ 'Final-Recipient': 'rfc822; forwarded@elsewhere.example', Status: '5.1.1' }];
    const mail = await readMail(Buffer.from(deliveryReport({ recipients })));
    expect(classifyReturnedMail({ ...mail, recipientHint: 'ada@example.com' }).recipients).toMatchObject([
      { address: 'ada@example.com', kind: 'hard' },
    ]);
  });

  describe('that came to the address of one mail, and is of several recipients,', () => {
    const gone = { 'Final-Recipient': 'rfc822; alice@example.com', Status: '5.1.1' };
    const full = { 'Final-Recipient': 'rfc822; bob@example.com', Status: '5.2.2' };
    const about = async (recipientHint: string, ...recipients: readonly Readonly<Record<string, string>>[]) => {
      const mail = await readMail(Buffer.from(deliveryReport({ recipients })));
      const report = classifyReturnedMail({ ...mail, recipientHint });
      return report.recipients.map(({ address, kind }) => [address, kind]);
    };

    it('tells what it says of that one', async () => {
      expect(await about('Bob@Example.com', gone, full)).toEqual([['bob@example.com', 'mailboxFull']]);
      const late = { 'Final-Recipient': 'rfc822; ada@example.com', Action: 'delayed', Status: '4.4.1' };
      expect(await about('ada@example.com', gone, late)).toEqual([['ada@example.com', 'delayed']]);
    });

    it('is no bounce when that one was reached', async () => {
      const reached = { 'Final-Recipient': 'rfc822; ada@example.com', Action: 'relayed', Status: '2.0.0' };
      expect(await about('ada@example.com', gone, reached)).toEqual([]);
    });

    it('tells the mildest of those it names when none is that one, and not as if it were', async () => {
      expect(await about('ada@example.com', gone, full)).toEqual([['bob@example.com', 'mailboxFull']]);
      const reached = { 'Final-Recipient': 'rfc822; bob@example.com', Action: 'relayed', Status: '2.0.0' };
      expect(await about('ada@example.com', gone, reached)).toEqual([['alice@example.com', 'hard']]);
      expect(await about('ada@example.com', gone, gone)).toEqual([['ada@example.com', 'hard']]);
    });
  });

  it('is read with addresses in UTF-8 (RFC 6533), folded fields and names in any case', async () => {
    const report = await classify(
      multipartMail({ From: 'MAILER-DAEMON@mx.example.net' }, 'report; report-type=global-delivery-status', [
        { type: 'text/plain', text: 'Sorry.' },
        {
          type: 'message/global-delivery-status; charset=utf-8',
          text: 'REPORTING-MTA: dns; mx\r\n\r\nfinal-recipient: utf-8; jörg@bücher.example\r\naction: failed\r\nstatus: 5.2.2\r\n (full)\r\ndiagnostic-code: smtp;\r\n 552 over\r\n\tquota\r\n',
        },
        { type: 'message/global-headers', text: originalHeaders() },
      ]),
    );
    expect(report.recipients).toMatchObject([
      { address: 'jörg@bücher.example', kind: 'mailboxFull', diagnostic: '552 over quota' },
    ]);
  });

  it('is read without the blank lines between recipients', async () => {
    const report = await classify(
      multipartMail({ From: 'MAILER-DAEMON@mx.example.net' }, 'report; report-type=delivery-status', [
        {
          type: 'message/delivery-status',
          text: 'Final-Recipient: rfc822; a@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\nFinal-Recipient: rfc822; b@example.com\r\nAction: failed\r\nStatus: 5.2.2\r\n',
        },
      ]),
    );
    expect(report.recipients).toMatchObject([
      { address: 'a@example.com', kind: 'hard' },
      { address: 'b@example.com', kind: 'mailboxFull' },
    ]);
  });

  it('is read where a gateway left its fields in the text', async () => {
    const text = 'Sorry.\n\nFinal-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.1.1\n';
    expect((await classify(textNotice(text))).recipients).toMatchObject([{ address: 'a@example.com', kind: 'hard' }]);
  });

  it('is not what a person writes in lines that look like its fields', async () => {
    const headers = {
      From: 'Desk <desk@example.com>',
      'Return-Path': '<desk@example.com>',
      Subject: 'Re: ticket 5.1.1',
    };
    const text = 'What we saw:\n\nAction: failed login of ada@example.com\nStatus: 5.1.1\n';
    expect(await classify(textMail(headers, text))).toEqual({ kind: 'notBounce', recipients: [] });
  });

  it('is read inside of another notice, and not when a person passes it on', async () => {
    const inner = deliveryReport({ recipients: [{ 'Final-Recipient': 'rfc822; a@example.com', Status: '5.1.1' }] });
    const wrapped = (from: string): string =>
      multipartMail({ From: from, Subject: 'Returned mail' }, 'mixed', [
        { type: 'text/plain', text: 'See what came.' },
        { type: 'message/rfc822', text: inner },
      ]);
    expect((await classify(wrapped('postmaster@gateway.example'))).recipients).toMatchObject([{ kind: 'hard' }]);
    expect(await classify(wrapped('Bob <bob@example.org>'))).toMatchObject({ kind: 'notBounce' });
  });
});

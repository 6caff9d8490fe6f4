import { readMail } from '#libs/mail-reading';
import type { BounceReport } from './index.ts';
import { classifyReturnedMail } from './index.ts';
import { complaintReport, ORIGINAL, originalHeaders, textMail } from './testing/index.ts';

async function classify(mail: string): Promise<BounceReport> {
  return classifyReturnedMail(await readMail(Buffer.from(mail)));
}

describe('a report of abuse', () => {
  it('names who complained and the mail', async () => {
    const fields = { 'Original-Rcpt-To': '<bob@example.com>', 'Original-Envelope-Id': 'env-1' };
    expect(await classify(complaintReport(fields))).toEqual({
      kind: 'complaint',
      recipients: [
        {
          address: 'bob@example.com',
          kind: 'complaint',
          reason: 'complaint',
          rule: 'feedback.abuse',
          diagnostic: 'This is a report about a message that a user has marked.',
          originalMessageId: ORIGINAL.messageId,
          envelopeId: 'env-1',
        },
      ],
    });
  });

  it('without an address goes by whom the mail was written to, then by the address it came to', async () => {
    expect((await classify(complaintReport({}))).recipients).toMatchObject([{ address: ORIGINAL.to }]);
    const mail = await readMail(Buffer.from(complaintReport({ 'Original-Rcpt-To': 'redacted' })));
    expect(classifyReturnedMail({ ...mail, recipientHint: 'eve@example.com' }).recipients).toMatchObject([
      { address: 'eve@example.com' },
    ]);
  });

  it('says which kind of feedback it is, as far as that is a word', async () => {
    expect((await classify(complaintReport({ 'Feedback-Type': 'opt-out' }))).recipients).toMatchObject([
      { kind: 'complaint', rule: 'feedback.opt-out' },
    ]);
    expect((await classify(complaintReport({ 'Feedback-Type': 'a b!' }))).recipients).toMatchObject([
      { kind: 'complaint', rule: 'feedback.other' },
    ]);
  });

  it('of a mail that failed authentication (RFC 6591) is no wish of the recipient', async () => {
    expect((await classify(complaintReport({ 'Feedback-Type': 'auth-failure' }))).recipients).toMatchObject([
      { kind: 'policy', reason: 'authFailure' },
    ]);
  });

  it('is good news when the mail was taken out of the spam folder', async () => {
    expect(await classify(complaintReport({ 'Feedback-Type': 'not-spam' }))).toEqual({
      kind: 'notBounce',
      recipients: [],
    });
  });

  it('is read where its fields stand in the text', async () => {
    const text = `Feedback-Type: abuse\nOriginal-Rcpt-To: bob@example.com\n`;
    const headers = { 'Return-Path': '<>', From: 'feedback@isp.example' };
    expect((await classify(textMail(headers, text))).recipients).toMatchObject([
      { address: 'bob@example.com', kind: 'complaint' },
    ]);
    const person = { 'Return-Path': '<ada@example.com>', From: 'ada@example.com', Subject: 'Re: a complaint' };
    expect(await classify(textMail(person, `What is this?\n\n${text}`))).toEqual({ kind: 'notBounce', recipients: [] });
    const absence = { ...headers, From: 'ada@example.com', 'Auto-Submitted': 'auto-replied' };
    expect(await classify(textMail(absence, `I am away.\n\n${text}`))).toEqual({ kind: 'autoReply', recipients: [] });
  });

  it('is the forwarded mail itself where a provider marks it by a header of its own', async () => {
    const headers = {
      From: 'staff@hotmail.example',
      'X-HmXmrOriginalRecipient': 'eve@example.com',
      Subject: 'complaint',
    };
    expect((await classify(textMail(headers, originalHeaders()))).recipients).toMatchObject([
      { address: 'eve@example.com', kind: 'complaint' },
    ]);
  });
});

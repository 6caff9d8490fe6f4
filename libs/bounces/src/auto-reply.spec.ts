import { readMail } from '#libs/mail-reading';
import type { BounceReport } from './index.ts';
import { classifyReturnedMail } from './index.ts';
import { multipartMail, textMail, textNotice } from './testing/index.ts';

async function classify(mail: string): Promise<BounceReport> {
  return classifyReturnedMail(await readMail(Buffer.from(mail)));
}

const FROM_PERSON = { From: 'Ada <ada@example.com>', To: 'news@shop.example', 'Return-Path': '<ada@example.com>' };
const AUTO_REPLY = { kind: 'autoReply', recipients: [] };

describe('an answer that a program gave', () => {
  it.each<Readonly<Record<string, string>>>([
    { 'Auto-Submitted': 'auto-replied', Subject: 'Re: News of the week' },
    { 'X-Autoreply': 'yes', Subject: 'Re: News of the week' },
    { Precedence: 'auto_reply', Subject: 'Re: News of the week' },
    { Subject: 'Out of Office: News of the week' },
    { Subject: 'Automatische Antwort: News of the week' },
    { Subject: 'Réponse automatique : News of the week' },
    { Subject: '[Automatyczna odpowiedź] News of the week' },
    { Precedence: 'bulk', Subject: 'Re: News of the week' },
  ])('is told by %j', async (headers) => {
    const text = 'I am on vacation until Monday. The address old@example.com does not exist any more.';
    expect(await classify(textMail({ ...FROM_PERSON, ...headers }, text))).toEqual(AUTO_REPLY);
  });

  it.each([
    'Your mail is being held until you confirm your message by a click.',
    "Please click to have your address added to the recipient's allowed list.",
  ])('is a challenge to prove oneself: %j', async (text) => {
    expect(await classify(textMail({ ...FROM_PERSON, Subject: 'Please wait' }, text))).toEqual(AUTO_REPLY);
  });

  it('is a receipt', async () => {
    const parts = [
      { type: 'text/plain', text: 'Your message was displayed.' },
      {
        type: 'message/disposition-notification',
        text: 'Disposition: manual-action/MDN-sent-manually; displayed\r\n',
      },
    ];
    const headers = { ...FROM_PERSON, Subject: 'Read: News of the week' };
    expect(await classify(multipartMail(headers, 'report; report-type=disposition-notification', parts))).toEqual(
      AUTO_REPLY,
    );
  });

  it('is not what a person writes of holidays', async () => {
    const text = 'Sorry that I answer late, I was on vacation. We were out of the office.';
    expect(await classify(textMail({ ...FROM_PERSON, Subject: 'Re: News of the week' }, text))).toEqual({
      kind: 'notBounce',
      recipients: [],
    });
  });

  it('may quote what came back', async () => {
    const quoted = 'Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1\n';
    const headers = { From: 'Ada <ada@example.com>', 'Return-Path': '<>', Subject: 'Away: Returned mail' };
    const text = `I am on vacation.\n\nYou wrote:\n\n${quoted}`;
    const marked = { ...headers, 'Auto-Submitted': 'auto-replied (vacation)' };
    expect(await classify(textMail(marked, text))).toEqual(AUTO_REPLY);
    expect(await classify(textMail({ ...headers, Precedence: 'bulk' }, text))).toEqual(AUTO_REPLY);
    expect(
      await classify(textMail({ ...FROM_PERSON, Subject: 'Re: Returned mail' }, `What is it?\n\n${quoted}`)),
    ).toEqual({
      kind: 'notBounce',
      recipients: [],
    });
  });

  it('is not the notice of a mail system, which may be marked the same', async () => {
    const headers = { 'Auto-Submitted': 'auto-replied' };
    expect(await classify(textNotice('<ada@example.com>: 550 user unknown', headers))).toMatchObject({
      kind: 'bounce',
      recipients: [{ address: 'ada@example.com', kind: 'hard' }],
    });
  });
});

describe('a receipt by which a filter refuses (RFC 5429)', () => {
  it('is a bounce', async () => {
    const parts = [
      { type: 'text/plain', text: 'Your message to <ada@example.com> was automatically rejected:\r\nNo more space.' },
      {
        type: 'message/disposition-notification',
        text: 'Final-Recipient: rfc822; ada@example.com\r\nOriginal-Message-ID: <original-1@shop.example>\r\nDisposition: automatic-action/MDN-sent-automatically; deleted\r\n',
      },
    ];
    const headers = {
      From: 'Mail Delivery Subsystem <postmaster@example.com>',
      Subject: 'Automatically rejected mail',
    };
    const report = await classify(multipartMail(headers, 'report; report-type=disposition-notification', parts));
    expect(report).toMatchObject({
      kind: 'bounce',
      recipients: [{ address: 'ada@example.com', kind: 'mailboxFull', originalMessageId: '<original-1@shop.example>' }],
    });
  });
});

import { readMail } from '#libs/mail-reading';
import type { BounceReport } from './index.ts';
import { classifyReturnedMail } from './index.ts';
import { multipartMail, ORIGINAL, originalHeaders, textMail, textNotice } from './testing/index.ts';

async function classify(mail: string): Promise<BounceReport> {
  return classifyReturnedMail(await readMail(Buffer.from(mail)));
}

const NOT_BOUNCE = { kind: 'notBounce', recipients: [] };

describe('a notice in words alone', () => {
  it('of qmail is read: each recipient with its own paragraph, and the copy below the line', async () => {
    const text = `Hi. This is the qmail-send program at mx.example.net.
I was not able to deliver your message to the following addresses.
This is a permanent error; sorry about that.

<ada@example.com>:
192.0.2.7 does not like recipient.
Remote host said: 550 5.1.1 No such user here
Giving up on 192.0.2.7.

<bob@example.com>:
Remote host said: 452 4.2.2 Mailbox over quota

--- Below this line is a copy of the message.

${originalHeaders()}
Hello`;
    expect((await classify(textNotice(text, { Subject: 'failure notice' }))).recipients).toMatchObject([
      {
        address: 'ada@example.com',
        kind: 'hard',
        status: '5.1.1',
        diagnostic: '550 5.1.1 No such user here Giving up on 192.0.2.7.',
        originalMessageId: ORIGINAL.messageId,
      },
      { address: 'bob@example.com', kind: 'mailboxFull', status: '4.2.2', originalMessageId: ORIGINAL.messageId },
    ]);
  });

  it('of Exim is read by the header that names who failed', async () => {
    const text = `This message was created by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. The following address failed:

  ada@example.com
    host mx.example.com [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<ada@example.com>:
    550 unknown user

------ This is a copy of the message, including all the headers. ------

${originalHeaders()}`;
    const headers = { 'X-Failed-Recipients': 'ada@example.com', Subject: 'Mail delivery failed: returning to sender' };
    expect((await classify(textNotice(text, headers))).recipients).toMatchObject([
      { address: 'ada@example.com', kind: 'hard', replyCode: 550, rule: 'userUnknown.unknownUser' },
    ]);
  });

  it('of Postfix is read: the address, the host and its reply', async () => {
    const text = `This is the mail system at host mx.example.net.

I am sorry that your message could not be delivered to one or more recipients.
For help, write to postmaster.

<ada@example.com>: host mx.example.com[192.0.2.7] said: 554 5.7.1 Message
    blocked, it looks like spam (in reply to end of DATA command)`;
    expect((await classify(textNotice(text))).recipients).toMatchObject([
      { address: 'ada@example.com', kind: 'policy', reason: 'spamDetected', status: '5.7.1', replyCode: 554 },
    ]);
  });

  it('of sendmail is read: its transcript, and its subject where the text says nothing', async () => {
    const text = `   ----- The following addresses had permanent fatal errors -----
<ada@example.com>

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> RCPT To:<ada@example.com>
<<< 550 5.1.1 <ada@example.com>... User unknown`;
    expect((await classify(textNotice(text))).recipients).toMatchObject([{ kind: 'hard', status: '5.1.1' }]);
    const bare = '   ----- The following addresses had delivery errors -----\n<ada@example.com>';
    const headers = { Subject: 'Returned mail: User unknown' };
    expect((await classify(textNotice(bare, headers))).recipients).toMatchObject([{ kind: 'hard' }]);
  });

  it('of Exchange is read: not the one whom the mail was written to but the one who was not reached', async () => {
    const text = `Your message

  To: friends@lists.example.net
  Subject: News of the week

did not reach the following recipient(s):

c=US;p=Example;dda:SMTP=ada@example.com; on Sat, 28 Nov 2026 10:00:05 +0000
    The recipient name is not recognized`;
    expect((await classify(textNotice(text, { Subject: 'Undeliverable: News of the week' }))).recipients).toMatchObject(
      [{ address: 'ada@example.com', kind: 'hard', reason: 'userUnknown' }],
    );
  });

  it('of Domino is read', async () => {
    const text = `Your message
  Subject: News of the week
was not delivered to:
  ada@example.com
because:
  User ada (ada@example.com) not listed in Domino Directory`;
    expect((await classify(textNotice(text, { Subject: 'DELIVERY FAILURE' }))).recipients).toMatchObject([
      { address: 'ada@example.com', kind: 'hard', reason: 'userUnknown' },
    ]);
  });

  it.each([
    ['Votre message n’a pas pu être remis. L’adresse ada@example.com n’existe pas.', 'hard'],
    ['Die Nachricht wurde nicht zugestellt.\nada@example.com: Empfänger unbekannt', 'hard'],
    ['宛先のメールアドレスが見つかりませんでした。\nada@example.com', 'hard'],
  ])('in another language is read: %j', async (text, kind) => {
    expect((await classify(textNotice(text))).recipients).toMatchObject([{ address: 'ada@example.com', kind }]);
  });

  it('of an unknown form is soft while nothing is known but that it came back', async () => {
    const text = 'Your mail to ada@example.com was returned. Code 17.';
    expect((await classify(textNotice(text))).recipients).toMatchObject([
      { address: 'ada@example.com', kind: 'soft', reason: 'undetermined', rule: 'untold' },
    ]);
  });

  it('that asks for patience is delayed, whatever the reason is', async () => {
    const text = `This is a warning message only. You do not need to resend your message.
Delivery to ada@example.com has been delayed: 450 4.1.1 user unknown. It will be retried for 3 days.`;
    expect((await classify(textNotice(text, { Subject: 'Warning: message delayed' }))).recipients).toMatchObject([
      { address: 'ada@example.com', kind: 'delayed' },
    ]);
  });

  it('names the recipient of the returned mail when it names nobody', async () => {
    const parts = [
      { type: 'text/plain', text: 'Undeliverable: 550 no such user here' },
      { type: 'message/rfc822', text: originalHeaders() },
    ];
    const headers = { From: 'postmaster@mx.example.net', Subject: 'Undeliverable mail' };
    expect((await classify(multipartMail(headers, 'mixed', parts))).recipients).toMatchObject([
      { address: ORIGINAL.to, kind: 'hard', originalMessageId: ORIGINAL.messageId },
    ]);
  });

  it('names who wrote the mail only when the mail was to themselves', async () => {
    const own = { From: 'me@shop.example', To: 'me@shop.example' };
    const parts = [
      { type: 'text/plain', text: 'Sorry.\n\n<me@shop.example>: 550 user unknown' },
      { type: 'text/rfc822-headers', text: `From: ${own.From}\r\nTo: ${own.To}\r\n` },
    ];
    const headers = { From: 'MAILER-DAEMON@mx.example.net', To: own.From, Subject: 'Undelivered mail' };
    expect((await classify(multipartMail(headers, 'mixed', parts))).recipients).toMatchObject([
      { address: 'me@shop.example', kind: 'hard' },
    ]);
  });

  it('is read where the type of its text was torn apart', async () => {
    const parts = [
      { type: 'text/plain\r\n   charset="iso-2022-jp"', text: 'Errors:\r\nada@example.com [User unknown]' },
      { type: 'text/plain', text: 'Hello' },
    ];
    const headers = { From: 'MAILER-DAEMON@mx.example.net', Subject: 'Mail failure' };
    expect((await classify(multipartMail(headers, 'mixed', parts))).recipients).toMatchObject([
      { address: 'ada@example.com', kind: 'hard' },
    ]);
  });

  it('says by its opening that the mail came back, where it has no subject', async () => {
    const text = 'I was not able to deliver your message to ada@example.com, goodbye.';
    expect((await classify(textNotice(text, { Subject: '' }))).recipients).toMatchObject([
      { address: 'ada@example.com', kind: 'soft', reason: 'undetermined' },
    ]);
    expect(await classify(textNotice('A word about ada@example.com.', { Subject: '' }))).toEqual(NOT_BOUNCE);
  });

  it('leaves the address out when it is nowhere', async () => {
    const [recipient] = (await classify(textNotice('Undeliverable: 550 no such user here'))).recipients;
    expect(recipient).toMatchObject({ kind: 'hard' });
    expect(recipient).not.toHaveProperty('address');
  });

  it('is told by the answer it is when the original is not returned', async () => {
    const headers = { 'In-Reply-To': '<original-9@shop.example>' };
    expect((await classify(textNotice('ada@example.com: 550 user unknown', headers))).recipients).toMatchObject([
      { originalMessageId: '<original-9@shop.example>' },
    ]);
  });
});

describe('a mail that is no notice', () => {
  const text = 'Your mail came back: 550 5.1.1 <ada@example.com>: user unknown. Could you look?';

  it('is a letter of a person, even one that quotes a notice', async () => {
    const letter = { From: 'Bob <bob@example.org>', To: 'help@shop.example', 'Return-Path': '<bob@example.org>' };
    expect(await classify(textMail({ ...letter, Subject: 'Hello' }, text))).toEqual(NOT_BOUNCE);
    expect(await classify(textMail({ ...letter, Subject: 'Fwd: Undelivered Mail Returned to Sender' }, text))).toEqual(
      NOT_BOUNCE,
    );
    expect(await classify(textMail({ ...letter, Subject: 'Delivery failed?' }, text))).toEqual(NOT_BOUNCE);
  });

  it('is a mail of a list, whose sender takes its bounces', async () => {
    const list = { From: 'Bob <bob@example.org>', Sender: 'dev-bounces@lists.example.net', Subject: 'Build failed' };
    expect(await classify(textMail(list, text))).toEqual(NOT_BOUNCE);
  });

  it('is one without anything', async () => {
    expect(await classify('')).toEqual(NOT_BOUNCE);
    expect(classifyReturnedMail({ subject: '', headers: [], text: '', parts: [] })).toEqual(NOT_BOUNCE);
  });

  it('counts as a notice by the sender that the session named', async () => {
    const mail = await readMail(Buffer.from(textMail({ From: 'robot@example.org', Subject: 'Mail failure' }, text)));
    expect(classifyReturnedMail(mail)).toEqual(NOT_BOUNCE);
    for (const envelopeFrom of ['', '<>', '<MAILER-DAEMON@mx.example.net>', 'mailer-daemon']) {
      expect(classifyReturnedMail({ ...mail, envelopeFrom })).toMatchObject({ kind: 'bounce' });
    }
  });
});

import { createOutboundMail } from '#libs/outbound-mail';
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from '#libs/outbound-mail/testing';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { createSmtpDoor } from './index.ts';
import { RawClient } from './testing/raw-client.ts';
import { openRecordingDoor } from './testing/recording-door.ts';
import type { TransactionSoFar } from './types.ts';

const TLS = { cert: LOCALHOST_CERTIFICATE, key: LOCALHOST_KEY };
const clock = { nowMs: () => Date.now() };

describe('a door', () => {
  it('takes what a mail client sends, over TLS, with envelope and bytes', async () => {
    await using open = await openRecordingDoor({ tls: TLS });
    await using client = createOutboundMail({ clock, allowPrivateNetwork: true, ehloName: 'sender.example' });
    const server = { key: 'a', host: '127.0.0.1', port: open.port, secure: false, requireTls: true };
    const sent = await client.send(
      { ...server, ca: LOCALHOST_CERTIFICATE },
      {
        messageId: '<1@example.com>',
        date: '2026-11-29T10:00:00.000Z',
        from: { address: 'ann@example.com' },
        to: [{ address: 'in@example.org' }],
        subject: 'Straße',
        text: '.hidden\r\n..more',
        envelope: { from: 'bounce@example.com', to: ['in@example.org', 'in-orders@example.org', 'no@example.org'] },
      },
    );
    expect(sent.recipients.map(({ outcome, enhancedCode }) => [outcome, enhancedCode])).toEqual([
      ['accepted', undefined],
      ['accepted', undefined],
      ['refused', '5.1.1'],
    ]);
    expect(sent.response).toBe('250 2.6.0 Taken as mail-1');
    const [mail] = open.mails;
    expect(mail).toMatchObject({
      envelopeFrom: 'bounce@example.com',
      recipients: ['in@example.org', 'in-orders@example.org'],
      ip: '127.0.0.1',
      helo: 'sender.example',
      tls: true,
      receivedAt: '2026-11-29T10:00:00.000Z',
    });
    expect(mail?.raw.toString()).toContain('\r\n\r\n.hidden\r\n..more\r\n');
    expect(mail).not.toHaveProperty('announcedBytes');
    expect(open.events).toContainEqual({
      kind: 'taken',
      ip: '127.0.0.1',
      bytes: mail?.raw.length,
      tls: true,
      id: 'mail-1',
    });
    expect(open.door.held().bytesUnderWay).toBe(0);
  });

  it('says what it can, and offers no way to sign in', async () => {
    await using open = await openRecordingDoor();
    using client = RawClient.connect(open.port);
    expect(await client.reply()).toBe('220 mx.example.org ESMTP');
    expect((await client.ask('EHLO client.example')).split('\r\n')).toEqual([
      '250-mx.example.org',
      '250-PIPELINING',
      '250-8BITMIME',
      '250-SMTPUTF8',
      '250-ENHANCEDSTATUSCODES',
      '250 SIZE 26214400',
    ]);
    for (const command of ['AUTH PLAIN AGEAYg==', 'STARTTLS', 'XCLIENT ADDR=192.0.2.1', 'XFORWARD ADDR=192.0.2.1']) {
      expect(await client.ask(command)).toMatch(/^500 5\.5\.2 /);
    }
    expect(await client.ask('PROXY TCP4 192.0.2.1 192.0.2.2 1 2')).toMatch(/^500 /);
  });

  it('gives nobody away', async () => {
    await using open = await openRecordingDoor();
    using client = await RawClient.greeted(open.port);
    const known = await client.ask('VRFY in@example.org');
    expect(known).toMatch(/^252 /);
    expect(await client.ask('VRFY no@example.org')).toBe(known);
    expect(await client.ask('EXPN in@example.org')).toBe(await client.ask('EXPN no@example.org'));
    expect(await client.ask('EXPN in@example.org')).toMatch(/^50\d /);
  });

  it('tells the one behind it all that is known of a recipient', async () => {
    const asked: [string, TransactionSoFar][] = [];
    await using open = await openRecordingDoor({
      recipient: async (address, transaction) => {
        asked.push([address, transaction]);
        return address === 'second@xn--bcher-kva.example'
          ? 'ok'
          : { replyCode: 450, enhancedCode: '4.2.1', text: 'a\r\n250 later' };
      },
    });
    using client = await RawClient.greeted(open.port);
    await client.ask('MAIL FROM:<ann@xn--bcher-kva.example> SIZE=1234 BODY=8BITMIME');
    expect(await client.ask('RCPT TO:<second@xn--bcher-kva.example>')).toMatch(/^250 2\.1\.5 /);
    expect(await client.ask('RCPT TO:<third@example.org>')).toBe('450 4.2.1 a  250 later');
    await client.ask('RSET');
    await client.ask('MAIL FROM:<>');
    await client.ask('RCPT TO:<Postmaster>');
    const common = { ip: '127.0.0.1', helo: 'client.example', tls: false };
    const first = { ...common, envelopeFrom: 'ann@xn--bcher-kva.example', announcedBytes: 1_234 };
    expect(asked).toEqual([
      ['second@xn--bcher-kva.example', { ...first, recipients: [] }],
      ['third@example.org', { ...first, recipients: ['second@xn--bcher-kva.example'] }],
      ['Postmaster', { ...common, envelopeFrom: '', recipients: [] }],
    ]);
  });

  it('knows no address that is not ASCII, whatever lower case makes of it', async () => {
    const asked: string[] = [];
    await using open = await openRecordingDoor({
      recipient: async (address) => {
        asked.push(address);
        return 'ok';
      },
    });
    using client = await RawClient.greeted(open.port);
    expect(await client.ask('MAIL FROM:<jörg@bücher.example> SMTPUTF8')).toMatch(/^250 /);
    // The sign for kelvin, of which lower case is k.
    expect(await client.ask('RCPT TO:<\u212ailo@example.org>')).toMatch(/^550 5\.1\.1 /);
    expect(await client.ask('RCPT TO:<in@bücher.example>')).toMatch(/^250 /);
    expect(asked).toEqual(['in@xn--bcher-kva.example']);
  });

  it('takes bounces, eight bits and several messages at once', async () => {
    await using open = await openRecordingDoor();
    using client = await RawClient.greeted(open.port);
    const one = 'MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<in@example.org>\r\nDATA\r\n';
    client.write(one);
    for (const expected of ['250', '250', '354']) expect(await client.reply()).toMatch(expected);
    client.write(Buffer.concat([Buffer.from([0x61, 0xff, 0x00, 0x80]), Buffer.from(`\r\n.\r\n${one}`)]));
    for (const expected of ['250 2.6.0', '250', '250', '354']) expect(await client.reply()).toMatch(expected);
    client.write('second\r\n.\r\nQUIT\r\n');
    expect(await client.reply()).toBe('250 2.6.0 Taken as mail-2');
    expect(await client.reply()).toMatch(/^221 /);
    expect(open.mails.map(({ raw, envelopeFrom }) => [raw.toString('hex'), envelopeFrom])).toEqual([
      ['61ff00800d0a', ''],
      [Buffer.from('second\r\n').toString('hex'), ''],
    ]);
  });

  it('passes on a refusal of the message, and goes on', async () => {
    let first = true;
    await using open = await openRecordingDoor({
      deliver: async () => {
        const refusal = { replyCode: 554, enhancedCode: '5.7.1', text: 'not with this subject' };
        const answer = first ? ({ kind: 'refused', refusal } as const) : ({ kind: 'taken' } as const);
        first = false;
        return answer;
      },
    });
    using client = await RawClient.greeted(open.port);
    await client.begin();
    expect(await client.ask('a\r\n.')).toBe('554 5.7.1 not with this subject');
    await client.begin();
    expect(await client.ask('a\r\n.')).toBe('250 2.6.0 Taken');
  });

  it('says 451 for what went wrong behind it, and why to the operator alone', async () => {
    const secret = new Error('password of the database is 1234');
    let isFine = false;
    await using open = await openRecordingDoor({
      recipient: async () => {
        if (!isFine) throw secret;
        return 'ok';
      },
      deliver: () => {
        throw secret;
      },
    });
    using client = await RawClient.greeted(open.port);
    await client.ask('MAIL FROM:<ann@example.com>');
    expect(await client.ask('RCPT TO:<in@example.org>')).toBe('451 4.3.0 Something is wrong here, try again later');
    isFine = true;
    await client.ask('RCPT TO:<in@example.org>');
    await client.ask('DATA');
    expect(await client.ask('a\r\n.')).toBe('451 4.3.0 Something is wrong here, try again later');
    expect(open.events).toContainEqual({ kind: 'fault', at: 'recipient', error: secret });
    expect(open.events).toContainEqual({ kind: 'fault', at: 'deliver', error: secret });
    expect(open.door.held().bytesUnderWay).toBe(0);
  });

  it('answers only what was delivered, and serves others meanwhile', async () => {
    const slow = Promise.withResolvers<void>();
    await using open = await openRecordingDoor({
      deliver: async ({ raw }) => {
        if (raw.toString() === 'slow\r\n') await slow.promise;
        return { kind: 'taken' };
      },
    });
    using waiting = await RawClient.greeted(open.port);
    using other = await RawClient.greeted(open.port);
    await waiting.begin();
    const answer = waiting.ask('slow\r\n.');
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    await open.until(() => open.mails.length === 1);
    await other.begin();
    expect(await other.ask('quick\r\n.')).toMatch(/^250 /);
    expect(isAnswered).toBe(false);
    expect(open.door.held()).toEqual({ connections: 2, bytesUnderWay: 6 });
    slow.resolve();
    expect(await answer).toMatch(/^250 /);
  });

  it('delivers nothing of a client that vanishes in the middle, and holds nothing of it', async () => {
    await using open = await openRecordingDoor();
    for (const leave of [(one: RawClient) => one.reset(), (one: RawClient) => one[Symbol.dispose]()]) {
      using client = await RawClient.greeted(open.port);
      await client.begin({ mail: 'MAIL FROM:<ann@example.com> SIZE=100000' });
      client.write('half of it\r\n');
      await open.until(() => open.door.held().bytesUnderWay === 100_000);
      leave(client);
      await open.until(() => open.door.held().connections === 0);
      expect(open.door.held()).toEqual({ connections: 0, bytesUnderWay: 0 });
    }
    expect(open.mails).toEqual([]);
    expect(open.events.filter(({ kind }) => kind === 'gone')).toHaveLength(2);
  });

  it('rejects where it cannot listen', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const door = { recipient: async () => 'ok' as const, deliver: async () => ({ kind: 'taken' }) as const };
    await expect(createSmtpDoor({ port, host: '127.0.0.1', hostname: 'mx', door, clock })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    other.close();
  });
});

import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from '#libs/outbound-mail/testing';
import fc from 'fast-check';
import { RawClient } from './testing/raw-client.ts';
import { openRecordingDoor } from './testing/recording-door.ts';

const SECOND =
  'MAIL FROM:<admin@example.org>\r\nRCPT TO:<in@example.org>\r\nDATA\r\nSubject: forged\r\n\r\nforged\r\n.\r\n';

describe('a message within a message', () => {
  it.each([
    '\n.\n',
    '\n.\r\n',
    '\r.\r',
    '\r.\r\n',
    '\r\n.\n',
    '\r\n.\r',
    '\n.\r',
    '\r\n\u0000.\r\n',
    '\r\n.\u0000\r\n',
    '\r\r\n.\r\r\n',
    '\n\r\n.\n\r\n',
    '\r\n..\r\n',
    '\r\n.\r\r\n',
  ])('stays within it after %j', async (end) => {
    await using open = await openRecordingDoor();
    using client = await RawClient.greeted(open.port);
    await client.begin();
    // What a server sends on that sees no end there: all of it is content, so its own dots are stuffed.
    const content = `Subject: outer\r\n\r\nouter${end}${SECOND.replaceAll('\r\n.\r\n', '\r\n..\r\n')}`;
    client.write(`${content}\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^250 2\.6\.0 /);
    expect(await client.ask('NOOP')).toMatch(/^250 2\.0\.0 /);
    expect(open.mails).toHaveLength(1);
    expect(open.mails[0]?.raw.toString()).toContain('MAIL FROM:<admin@example.org>');
  });

  it('stays within it, in whatever pieces it comes', async () => {
    await using open = await openRecordingDoor();
    using client = await RawClient.greeted(open.port);
    await client.begin();
    for (const byte of Buffer.from(`a\n.\n${SECOND.replaceAll('\r\n.\r\n', '\r\n..\r\n')}`)) {
      client.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.ask('\r\n.')).toMatch(/^250 /);
    expect(await client.ask('NOOP')).toMatch(/^250 /);
    expect(open.mails).toHaveLength(1);
  });

  it('comes in as it was sent, whatever it is made of and wherever it is cut', async () => {
    await using open = await openRecordingDoor({ limits: { messagesPerMinutePerClient: 10_000 } });
    using client = await RawClient.greeted(open.port);
    // No dot right after a bare LF: smtp-server takes one of two away there as well, which RFC 5321 does not say.
    const piece = fc.constantFrom('\r\n', '\nb', '\r', '.', '..', 'a', '\r\n.\r\n', '\u0000');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.nat(), async (pieces, at) => {
        const content = `${pieces.join('')}\r\n`;
        await client.begin();
        const wire = Buffer.from(`${content.replace(/^\./, '..').replaceAll('\r\n.', '\r\n..')}.\r\n`);
        client.write(wire.subarray(0, at % wire.length));
        await new Promise((resolve) => setImmediate(resolve));
        client.write(wire.subarray(at % wire.length));
        expect(await client.reply()).toMatch(/^250 2\.6\.0 /);
        expect(open.mails.at(-1)?.raw.toString()).toBe(content);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what comes in the clear before TLS', () => {
  const tls = { cert: LOCALHOST_CERTIFICATE, key: LOCALHOST_KEY };

  it('is not taken for what comes within it', async () => {
    await using open = await openRecordingDoor({ tls });
    using client = await RawClient.greeted(open.port);
    client.write(`STARTTLS\r\nEHLO evil.example\r\n${SECOND}`);
    expect(await client.reply()).toMatch(/^220 /);
    await client.startTls(LOCALHOST_CERTIFICATE);
    expect(await client.ask('MAIL FROM:<ann@example.com>')).toMatch(/^503 /);
    expect(await client.ask('EHLO client.example')).not.toMatch(/STARTTLS/);
    await client.begin();
    expect(await client.ask('a\r\n.')).toMatch(/^250 /);
    expect(open.mails.map(({ raw, tls: isSecure, helo }) => [raw.toString(), isSecure, helo])).toEqual([
      ['a\r\n', true, 'client.example'],
    ]);
  });

  it('is forgotten: a transaction begins anew', async () => {
    await using open = await openRecordingDoor({ tls });
    using client = await RawClient.greeted(open.port);
    await client.ask('MAIL FROM:<ann@example.com>');
    await client.ask('RCPT TO:<in@example.org>');
    await client.ask('STARTTLS');
    await client.startTls(LOCALHOST_CERTIFICATE);
    await client.ask('EHLO client.example');
    expect(await client.ask('DATA')).toMatch(/^503 /);
  });

  it.each(['not TLS at all\r\n', ''])('frees the connection when TLS fails: %j', async (hello) => {
    await using open = await openRecordingDoor({ tls });
    using client = await RawClient.greeted(open.port);
    await client.ask('STARTTLS');
    if (hello) client.write(hello);
    else client.reset();
    await client.closed();
    await open.until(() => open.door.held().connections === 0);
    expect(open.door.held().connections).toBe(0);
  });
});

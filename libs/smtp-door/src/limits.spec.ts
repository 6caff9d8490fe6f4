import { RawClient } from './testing/raw-client.ts';
import { openRecordingDoor } from './testing/recording-door.ts';

describe('a message that is too large', () => {
  it('is refused when it is announced, and when it comes, of which nothing is kept', async () => {
    await using open = await openRecordingDoor({ limits: { messageBytes: 1_000 } });
    using client = await RawClient.greeted(open.port);
    expect(await client.ask('MAIL FROM:<ann@example.com> SIZE=1001')).toMatch(/^552 5\.3\.4 /);
    await client.begin();
    client.write('x'.repeat(900));
    await open.until(() => open.door.held().bytesUnderWay > 800);
    client.write('y'.repeat(200));
    await open.until(() => open.door.held().bytesUnderWay === 0);
    client.write('z'.repeat(5_000));
    expect(await client.ask('\r\n.')).toMatch(/^552 5\.3\.4 /);
    expect(await client.begin({ mail: 'MAIL FROM:<ann@example.com> SIZE=1000' })).toMatch(/^354 /);
    expect(await client.ask(`${'x'.repeat(998)}\r\n.`)).toMatch(/^250 /);
    expect(open.mails.map(({ raw }) => raw.length)).toEqual([1_000]);
  });
});

describe('bytes under way', () => {
  it('are as many as may be, announced or not', async () => {
    await using open = await openRecordingDoor({ limits: { messageBytes: 900, bytesUnderWay: 1_000 } });
    using first = await RawClient.greeted(open.port);
    using second = await RawClient.greeted(open.port);
    await first.begin({ mail: 'MAIL FROM:<ann@example.com> SIZE=600' });
    expect(open.door.held().bytesUnderWay).toBe(600);
    expect(await second.ask('MAIL FROM:<ann@example.com> SIZE=500')).toMatch(/^452 4\.3\.1 /);
    // Not announced: refused when it is more than there is room for.
    await second.begin();
    expect(await second.ask(`${'x'.repeat(500)}\r\n.`)).toMatch(/^452 4\.3\.1 /);
    expect(open.door.held().bytesUnderWay).toBe(600);
    expect(await first.ask('a\r\n.')).toMatch(/^250 /);
    expect(await second.begin({ mail: 'MAIL FROM:<ann@example.com> SIZE=500' })).toMatch(/^354 /);
    expect(await second.ask(`${'x'.repeat(500)}\r\n.`)).toMatch(/^250 /);
    expect(open.door.held().bytesUnderWay).toBe(0);
  });

  it('may be taken by somebody else between MAIL and DATA', async () => {
    await using open = await openRecordingDoor({ limits: { bytesUnderWay: 1_000 } });
    using first = await RawClient.greeted(open.port);
    using second = await RawClient.greeted(open.port);
    const mail = 'MAIL FROM:<ann@example.com> SIZE=600';
    for (const one of [first, second]) {
      expect(await one.ask(mail)).toMatch(/^250 /);
      await one.ask('RCPT TO:<in@example.org>');
    }
    expect(await first.ask('DATA')).toMatch(/^354 /);
    expect(await second.ask('DATA')).toMatch(/^452 4\.3\.1 /);
    expect(await first.ask('a\r\n.')).toMatch(/^250 /);
    expect(await second.ask('DATA')).toMatch(/^354 /);
    expect(await second.ask('a\r\n.')).toMatch(/^250 /);
  });

  it('are those of one client up to its share', async () => {
    await using open = await openRecordingDoor({ limits: { bytesUnderWayPerClient: 700 } });
    using first = await RawClient.greeted(open.port);
    using second = await RawClient.greeted(open.port);
    await first.begin({ mail: 'MAIL FROM:<ann@example.com> SIZE=600' });
    expect(await second.ask('MAIL FROM:<ann@example.com> SIZE=101')).toMatch(/^452 4\.3\.1 /);
    expect(await second.ask('MAIL FROM:<ann@example.com> SIZE=100')).toMatch(/^250 /);
  });
});

describe('connections', () => {
  it.each([
    ['all together', { connections: 2 }],
    ['of one client', { connectionsPerClient: 2 }],
  ])('%s are as many as may be', async (_, limits) => {
    await using open = await openRecordingDoor({ limits });
    using first = await RawClient.greeted(open.port);
    using second = await RawClient.greeted(open.port);
    using third = RawClient.connect(open.port);
    expect(await third.reply()).toMatch(/^421 4\.7\.0 /);
    await third.closed();
    expect(open.door.held().connections).toBe(2);
    first.reset();
    await second.ask('QUIT');
    await open.until(() => open.door.held().connections === 0);
    using fourth = RawClient.connect(open.port);
    expect(await fourth.reply()).toMatch(/^220 /);
  });

  it('carry so many messages', async () => {
    await using open = await openRecordingDoor({ limits: { messagesPerConnection: 2 } });
    using client = await RawClient.greeted(open.port);
    for (const _ of [1, 2]) {
      await client.begin();
      expect(await client.ask('a\r\n.')).toMatch(/^250 /);
    }
    expect(await client.ask('MAIL FROM:<ann@example.com>')).toMatch(/^421 4\.7\.0 /);
    await client.closed();
  });

  it('end when nothing comes, but not while the client waits', async () => {
    const slow = Promise.withResolvers<void>();
    await using open = await openRecordingDoor({
      limits: { idleMs: 500 },
      deliver: async () => {
        await slow.promise;
        return { kind: 'taken' };
      },
    });
    using waiting = await RawClient.greeted(open.port);
    await waiting.begin();
    const answer = waiting.ask('a\r\n.');
    await open.until(() => open.mails.length === 1);
    using silent = await RawClient.greeted(open.port);
    using half = await RawClient.greeted(open.port);
    await half.begin();
    half.write('half of it');
    expect(await silent.closed()).toMatch(/^421 4\.4\.2 /);
    expect(await half.closed()).toMatch(/^421 4\.4\.2 /);
    slow.resolve();
    expect(await answer).toMatch(/^250 /);
  });

  it('end when a message takes too long, though something comes all the time', async () => {
    await using open = await openRecordingDoor({ limits: { messageMs: 50 } });
    using client = await RawClient.greeted(open.port);
    await client.begin();
    const drip = setInterval(() => client.write('x'), 5);
    expect(await client.closed()).toMatch(/^421 4\.4\.2 /);
    clearInterval(drip);
    await open.until(() => open.door.held().connections === 0);
    expect(open.door.held().bytesUnderWay).toBe(0);
    expect(open.mails).toEqual([]);
  });

  it('end with a command that has no end', async () => {
    await using open = await openRecordingDoor();
    using client = await RawClient.greeted(open.port);
    client.write(`NOOP ${'x'.repeat(3_000)}`);
    expect(await client.closed()).toMatch(/^421 /);
  });
});

describe('recipients', () => {
  it('are as many as may be for a message', async () => {
    await using open = await openRecordingDoor({ limits: { recipients: 2 } });
    using client = await RawClient.greeted(open.port);
    await client.ask('MAIL FROM:<ann@example.com>');
    for (const name of ['in-a', 'in-b']) expect(await client.ask(`RCPT TO:<${name}@example.org>`)).toMatch(/^250 /);
    expect(await client.ask('RCPT TO:<in-c@example.org>')).toMatch(/^452 4\.5\.3 /);
    await client.ask('DATA');
    expect(await client.ask('a\r\n.')).toMatch(/^250 /);
    expect(open.mails[0]?.recipients).toEqual(['in-a@example.org', 'in-b@example.org']);
  });

  it('end a connection that tries names', async () => {
    await using open = await openRecordingDoor({ limits: { refusedRecipients: 3 } });
    using client = await RawClient.greeted(open.port);
    await client.ask('MAIL FROM:<ann@example.com>');
    for (const name of ['a', 'b', 'c']) expect(await client.ask(`RCPT TO:<${name}@example.org>`)).toMatch(/^550 /);
    expect(await client.ask('RCPT TO:<in@example.org>')).toMatch(/^421 4\.7\.1 /);
    await client.closed();
  });

  it('do not end one that is put off', async () => {
    let later = 0;
    await using open = await openRecordingDoor({
      limits: { refusedRecipients: 1 },
      recipient: async () => (later++ < 3 ? { replyCode: 451, enhancedCode: '4.7.1', text: 'later' } : 'ok'),
    });
    using client = await RawClient.greeted(open.port);
    await client.ask('MAIL FROM:<ann@example.com>');
    for (const _ of [1, 2, 3]) expect(await client.ask('RCPT TO:<a@example.org>')).toMatch(/^451 4\.7\.1 /);
    expect(await client.ask('RCPT TO:<a@example.org>')).toMatch(/^250 /);
  });
});

describe('the rate of a client', () => {
  it('is held down over all of its connections', async () => {
    const clock = { nowMs: () => 0 };
    await using open = await openRecordingDoor({ clock, limits: { messagesPerMinutePerClient: 2 } });
    using first = await RawClient.greeted(open.port);
    using second = await RawClient.greeted(open.port);
    expect(await first.ask('MAIL FROM:<ann@example.com>')).toMatch(/^250 /);
    expect(await second.ask('MAIL FROM:<ann@example.com>')).toMatch(/^250 /);
    await second.ask('RSET');
    expect(await second.ask('MAIL FROM:<ann@example.com>')).toMatch(/^450 4\.7\.1 /);
    clock.nowMs = () => 30_000;
    expect(await second.ask('MAIL FROM:<ann@example.com>')).toMatch(/^250 /);
  });
});

describe('a relay', () => {
  it('is held down by what holds for all together alone', async () => {
    const limits = {
      connectionsPerClient: 1,
      messagesPerMinutePerClient: 1,
      bytesUnderWayPerClient: 100,
      connections: 2,
    };
    await using open = await openRecordingDoor({ limits, isRelay: (ip) => ip === '127.0.0.1' });
    using first = await RawClient.greeted(open.port);
    using second = await RawClient.greeted(open.port);
    for (const client of [first, second, first]) {
      await client.begin({ mail: 'MAIL FROM:<ann@example.com> SIZE=600' });
      expect(await client.ask('a\r\n.')).toMatch(/^250 /);
    }
    using third = RawClient.connect(open.port);
    expect(await third.reply()).toMatch(/^421 4\.7\.0 /);
  });
});

describe('a message that goes in circles', () => {
  it('is refused', async () => {
    await using open = await openRecordingDoor();
    using client = await RawClient.greeted(open.port);
    const through = (servers: number) => `${'Received: from a\r\n by b\r\n'.repeat(servers)}Subject: c\r\n\r\nd\r\n.`;
    await client.begin();
    expect(await client.ask(through(31))).toMatch(/^554 5\.4\.6 /);
    await client.begin();
    expect(await client.ask(through(30))).toMatch(/^250 /);
    expect(open.mails).toHaveLength(1);
  });
});

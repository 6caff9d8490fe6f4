import { RawClient } from './testing/raw-client.ts';
import { openRecordingDoor } from './testing/recording-door.ts';

describe('closing', () => {
  it('lets a message come in and be delivered, and sends all others away', async () => {
    const delivery = Promise.withResolvers<void>();
    const open = await openRecordingDoor({
      deliver: async () => {
        await delivery.promise;
        return { kind: 'taken' };
      },
    });
    using delivering = await RawClient.greeted(open.port);
    using sending = await RawClient.greeted(open.port);
    using idle = await RawClient.greeted(open.port);
    await delivering.begin();
    const delivered = delivering.ask('a\r\n.');
    await sending.begin();
    await open.until(() => open.mails.length === 1);
    const closed = open[Symbol.asyncDispose]();
    expect(await idle.closed()).toMatch(/^421 4\.3\.2 /);
    using late = RawClient.connect(open.port);
    expect(await late.reply()).toMatch(/^421 4\.3\.2 /);
    const sent = sending.ask('b\r\n.');
    await open.until(() => open.mails.length === 2);
    delivery.resolve();
    expect(await delivered).toMatch(/^250 /);
    expect(await sent).toMatch(/^250 /);
    expect(await delivering.closed()).toMatch(/^421 4\.3\.2 /);
    expect(await sending.closed()).toMatch(/^421 4\.3\.2 /);
    await closed;
    expect(open.door.held()).toEqual({ connections: 0, bytesUnderWay: 0 });
    await expect(RawClient.connect(open.port).reply()).rejects.toThrow('closed');
    await open[Symbol.asyncDispose]();
  });

  it('ends what takes longer than it may', async () => {
    const delivery = Promise.withResolvers<void>();
    const open = await openRecordingDoor({
      closeMs: 50,
      deliver: async () => {
        await delivery.promise;
        return { kind: 'taken' };
      },
    });
    using delivering = await RawClient.greeted(open.port);
    using sending = await RawClient.greeted(open.port);
    await delivering.begin();
    delivering.write('a\r\n.\r\n');
    await open.until(() => open.mails.length === 1);
    await sending.begin();
    await open[Symbol.asyncDispose]();
    expect(await delivering.closed()).toMatch(/^421 4\.3\.2 /);
    expect(await sending.closed()).toMatch(/^421 4\.3\.2 /);
    expect(open.door.held().connections).toBe(0);
    delivery.resolve();
    await open.until(() => open.door.held().bytesUnderWay === 0);
    expect(open.mails).toHaveLength(1);
  });

  it('is done at once when nobody is there', async () => {
    const open = await openRecordingDoor();
    await open[Symbol.asyncDispose]();
    expect(open.events).toEqual([]);
  });
});

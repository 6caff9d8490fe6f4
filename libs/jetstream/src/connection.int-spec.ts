import { LogUnavailableError } from '#libs/event-sourcing';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { JetStreamConnection } from './connection.ts';

describe('JetStreamConnection', () => {
  let nats: TestNats;

  beforeAll(async () => {
    nats = await startTestNats();
  });
  afterAll(async () => {
    await nats[Symbol.asyncDispose]();
  });

  const open = (url = nats.url): Promise<JetStreamConnection> =>
    JetStreamConnection.open({ servers: [url], name: 'connection spec' });

  it('tells when the server is killed and when it is back, and refuses meanwhile', async () => {
    await using connection = await open();
    const told: string[] = [];
    connection.observe({ lost: () => told.push('lost'), back: () => told.push('back') });
    connection.ensureConnected();

    await nats.kill();
    await until('the loss is told', () => told.includes('lost'));
    expect(connection.connected).toBe(false);
    expect(() => connection.ensureConnected()).toThrow(LogUnavailableError);
    await expect(connection.roundTripMs()).rejects.toThrow(LogUnavailableError);

    await nats.start();
    await until('the return is told', () => told.includes('back'));
    expect(connection.connected).toBe(true);
    expect(await connection.roundTripMs()).toBeGreaterThanOrEqual(0);
    expect(told).toEqual(['lost', 'back']);
  });

  it('does not tell who has stopped observing', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using connection = await open(`127.0.0.1:${proxy.port}`);
    const told: string[] = [];
    const unobserve = connection.observe({ lost: () => told.push('first'), back: () => told.push('first') });
    connection.observe({ lost: () => told.push('second') });
    unobserve();
    proxy.cut();
    await until('the loss is told', () => told.length > 0);
    expect(told).toEqual(['second']);
  });

  it('drops what is sent while it is away, so that nothing old arrives later', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using connection = await open(`127.0.0.1:${proxy.port}`);
    await using listener = await open();
    const heard: string[] = [];
    listener.client.subscribe('said', { callback: (_error, message) => void heard.push(message.string()) });
    await listener.client.flush();

    proxy.cut({ refusing: true });
    await until('it is away', () => !connection.connected);
    for (let index = 0; index < 100; index++) connection.send('said', `old ${index}`);
    proxy.admit();
    await until('it is back', () => connection.connected);
    connection.send('said', 'new');
    await until('something is heard', () => heard.length > 0);
    expect(heard).toEqual(['new']);
  });

  it('sends in order all that was said in one turn', async () => {
    await using connection = await open();
    const heard: string[] = [];
    connection.client.subscribe('order', { callback: (_error, message) => void heard.push(message.string()) });
    await connection.client.flush();
    const said = Array.from({ length: 50 }, (_, index) => String(index));
    for (const word of said) connection.send('order', word);
    await until('all is heard', () => heard.length === said.length);
    expect(heard).toEqual(said);
  });

  it('outlives a message that the client refuses, and so do the messages after it', async () => {
    await using connection = await open();
    const heard: string[] = [];
    connection.client.subscribe('size', { callback: (_error, message) => void heard.push(message.string()) });
    connection.send('size', 'x'.repeat((connection.client.info?.max_payload ?? 0) + 1));
    connection.send('size', 'after');
    await until('the second is heard', () => heard.length > 0);
    expect(heard).toEqual(['after']);
  });

  it('waits for its return only as long as told', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using connection = await open(`127.0.0.1:${proxy.port}`);
    expect(await connection.backWithin(0)).toBe(true);
    proxy.cut({ refusing: true });
    await until('it is away', () => !connection.connected);
    expect(await connection.backWithin(20)).toBe(false);
    const back = connection.backWithin(10_000);
    proxy.admit();
    expect(await back).toBe(true);
  });

  it('still says what was said just before it ends', async () => {
    await using listener = await open();
    const heard: string[] = [];
    listener.client.subscribe('last', { callback: (_error, message) => void heard.push(message.string()) });
    await listener.client.flush();
    const connection = await open();
    connection.send('last', 'goodbye');
    await connection[Symbol.asyncDispose]();
    await until('it is heard', () => heard.length > 0);
    expect(heard).toEqual(['goodbye']);
  });

  it('keeps nobody waiting for its return when it ends', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    const connection = await open(`127.0.0.1:${proxy.port}`);
    proxy.cut({ refusing: true });
    await until('it is away', () => !connection.connected);
    const back = connection.backWithin(3_600_000);
    await connection[Symbol.asyncDispose]();
    expect(await back).toBe(false);
  });

  it('ends at once, also while the server is away', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    const connection = await open(`127.0.0.1:${proxy.port}`);
    const lost: string[] = [];
    connection.observe({ lost: () => lost.push('lost') });
    proxy.cut({ refusing: true });
    await until('it is away', () => !connection.connected);
    await connection[Symbol.asyncDispose]();
    expect(connection.client.isClosed()).toBe(true);
    expect(await connection.backWithin(60_000)).toBe(false);
  });

  it('keeps trying while the server refuses it', async () => {
    // As it does while credentials are renewed. By default the client gives up for ever at the second refusal.
    const options: { extraConfig?: string } = {};
    await using guarded = await startTestNats(options);
    await using connection = await open(guarded.url);
    let refusals = 0;
    void (async () => {
      for await (const status of connection.client.status()) if (status.type === 'error') refusals++;
    })();
    options.extraConfig = 'authorization { token: "not ours" }';
    await guarded.restart();
    await until('it was refused several times', () => refusals >= 4);
    delete options.extraConfig;
    await guarded.restart();
    expect(await connection.backWithin(10_000)).toBe(true);
  });
});

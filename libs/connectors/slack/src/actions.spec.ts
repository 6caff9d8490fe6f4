import { createHash } from 'node:crypto';
import type { Credential } from '#libs/credential-types';
import type { JsonObject, JsonValue } from '#libs/kernel';
import type { ResponseDrift } from '#libs/node-kit';
import { refusedBy, runNode } from '#libs/nodes/testing';
import { createOutboundHttp } from '#libs/outbound-http';
import { slack } from './index.ts';
import { startFakeSlack, type FakeSlack } from './testing/index.ts';

const TOKEN = 'xoxb-fake-token';

describe('actions of Slack', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const nodeTypes = slack.nodeTypes({ http, clock: { nowMs: () => 0 }, version: '1.2.3' });
  let fake: FakeSlack;

  // Slower than all limits.
  let nowMs = 0;
  beforeEach(async () => {
    fake = await startFakeSlack({ token: TOKEN, nowMs: () => (nowMs += 3_000) });
  });
  afterEach(() => fake[Symbol.asyncDispose]());
  afterAll(() => http[Symbol.asyncDispose]());

  const nodeOf = (type: string) => nodeTypes.find((one) => one.type === type)!;
  const credential = () => ({
    id: 'cr_1',
    type: 'slack.token',
    data: { token: TOKEN, apiUrl: fake.apiUrl },
    allowedHosts: [],
  });
  const run = (type: string, config: JsonObject, given: Parameters<typeof runNode>[2] = {}): Promise<JsonValue> =>
    runNode(nodeOf(type), { credentialId: 'cr_1', ...config }, { credentials: [credential()], ...given });
  const general = () => fake.workspace.channels[0]!;
  const posted = async (text = 'hello'): Promise<string> => {
    const { ts } = (await run('slack.message.send', { channel: 'C0GENERAL1', text })) as { ts: string };
    return ts;
  };

  it('sends a message with all that it may have', async () => {
    const blocks = [{ type: 'divider' }];
    const output = await run('slack.message.send', {
      channel: '#general',
      text: 'Hi *you*',
      blocks,
      threadTs: '1700000000.000100',
      replyBroadcast: true,
      unfurlLinks: false,
      metadata: { eventType: 'deployment', eventPayload: { version: 7 } },
    });
    expect(output).toEqual({
      channel: 'C0GENERAL1',
      ts: '1700000000.000001',
      message: expect.objectContaining({ text: 'Hi *you*', thread_ts: '1700000000.000100' }) as JsonValue,
    });
    expect(general().messages[0]?.more).toEqual({
      blocks: JSON.stringify(blocks),
      reply_broadcast: 'true',
      unfurl_links: 'false',
      metadata: '{"event_type":"deployment","event_payload":{"version":7}}',
    });
    expect(fake.calls[0]?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'user-agent': 'Millrace/1.2.3' });
  });

  it('tells Slack by which message each attempt is the same', async () => {
    await posted();
    await posted();
    expect(general().messages).toHaveLength(1);
    expect(general().messages[0]?.client_msg_id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('updates a message, and deletes it', async () => {
    const ts = await posted();
    const channel = 'C0GENERAL1';
    expect(await run('slack.message.update', { channel, ts, text: 'other' })).toEqual({ channel, ts, text: 'other' });
    expect(await run('slack.message.delete', { channel, ts })).toEqual({ channel, ts });
    expect(general().messages).toEqual([]);
    expect(await run('slack.message.delete', { channel, ts }, { credentials: [credential()], attempt: 2 })).toEqual({
      channel,
      ts,
    });
    await expect(run('slack.message.delete', { channel, ts })).rejects.toMatchObject({ code: 'SLACK_NOT_FOUND' });
  });

  it('shows a message to one person', async () => {
    const shown = { channel: 'C0GENERAL1', user: 'U0ADA00001', text: 'psst' };
    expect(await run('slack.message.ephemeral', shown)).toMatchObject({ ts: '1700000000.000001' });
    expect(fake.workspace.ephemeral).toEqual([shown]);
  });

  it('schedules a message', async () => {
    const postAt = '2026-12-01T10:00:00+01:00';
    const output = await run('slack.message.schedule', { channel: 'C0GENERAL1', text: 'later', postAt });
    expect(output).toEqual({ channel: 'C0GENERAL1', scheduledMessageId: 'Q1', postAt });
    expect(fake.workspace.scheduled[0]?.postAt).toBe(Date.parse('2026-12-01T09:00:00Z') / 1_000);
  });

  it('adds and removes reactions, also those that are as wanted', async () => {
    const ts = await posted();
    const config = { channel: 'C0GENERAL1', ts, name: ':eyes:' };
    const outputs = [];
    for (const type of ['add', 'add', 'remove', 'remove']) outputs.push(await run(`slack.reaction.${type}`, config));
    expect(outputs).toEqual([true, false, true, false].map((changed) => ({ ...config, name: 'eyes', changed })));
    await expect(run('slack.reaction.add', { ...config, ts: '1.1' })).rejects.toMatchObject({
      code: 'SLACK_NOT_FOUND',
    });
  });

  it('uploads what is text, base64 or a file of the trigger', async () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const given = { credentials: [credential()], files: [bytes] };
    const output = await run('slack.file.upload', { channel: 'C0GENERAL1', name: 'a.txt', text: 'ü' }, given);
    await run('slack.file.upload', { file: { name: '../b.bin', contentBase64: bytes.toString('base64') } }, given);
    await run('slack.file.upload', { file: { name: 'c.bin', sha256, mediaType: 'a/b', bytes: 4 }, title: 'C' }, given);
    expect(output).toMatchObject({ fileId: 'F1', name: 'a.txt', bytes: 2, file: { id: 'F1', size: 2 } });
    expect(fake.workspace.files).toEqual([
      { id: 'F1', name: 'a.txt', bytes: Buffer.from('ü'), sharedIn: 'C0GENERAL1', title: 'a.txt' },
      { id: 'F2', name: 'b.bin', bytes, sharedIn: undefined, title: 'b.bin' },
      { id: 'F3', name: 'c.bin', bytes, sharedIn: undefined, title: 'C' },
    ]);
    const uploads = fake.calls.filter(({ method }) => method.startsWith('/upload/'));
    expect(uploads.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined, undefined]);
  });

  it('finds users by address and id', async () => {
    const ada = { user: expect.objectContaining({ id: 'U0ADA00001', name: 'ada' }) as JsonValue };
    expect(await run('slack.user.find', { email: 'ada@example.com' })).toEqual(ada);
    expect(await run('slack.user.find', { userId: 'U0ADA00001' })).toEqual(ada);
    expect(await run('slack.user.find', { userId: 'U0NOBODY', ifMissing: 'continue' })).toEqual({ user: null });
    await expect(run('slack.user.find', { email: 'x@example.com' })).rejects.toMatchObject({ code: 'SLACK_NOT_FOUND' });
  });

  it('finds channels by id, and by name over as many pages as are wanted', async () => {
    const found = (id: string) => ({ channel: expect.objectContaining({ id }) as JsonValue });
    for (let more = 0; more < 1_200; more++) {
      fake.workspace.channels.unshift({ ...general(), id: `C1${more}`, name: `more-${more}` });
    }
    expect(await run('slack.channel.find', { channelId: 'C0DEPLOYS1' })).toEqual(found('C0DEPLOYS1'));
    expect(await run('slack.channel.find', { name: '#deploys' })).toEqual(found('C0DEPLOYS1'));
    expect(fake.calls.map(({ arguments: given }) => given['cursor'])).toEqual([undefined, undefined, '1000']);
    const missing = { code: 'SLACK_NOT_FOUND' };
    await expect(run('slack.channel.find', { name: 'deploys', maxPages: 1 })).rejects.toMatchObject(missing);
    await expect(run('slack.channel.find', { name: 'secret' })).rejects.toMatchObject(missing);
    expect(await run('slack.channel.find', { name: 'secret', includePrivate: true })).toEqual(found('G0SECRET01'));
  });

  it('reads a channel newest first, and a thread oldest first', async () => {
    const message = (ts: number, thread_ts?: string) => ({
      ts: `${ts}.000000`,
      text: `m${ts}`,
      thread_ts,
      client_msg_id: undefined,
      more: {},
      reactions: new Set<string>(),
    });
    for (let ts = 1; ts <= 450; ts++) general().messages.push(message(ts, ts > 440 ? '440.000000' : undefined));
    const read = async (config: JsonObject) => {
      const output = await run('slack.channel.history', { channel: 'C0GENERAL1', ...config });
      const { messages, complete } = output as { messages: { text: string }[]; complete: boolean };
      return [messages.length, messages[0]?.text, messages.at(-1)?.text, complete];
    };
    expect(await read({ maxMessages: 1_000 })).toEqual([450, 'm450', 'm1', true]);
    expect(await read({ maxMessages: 250 })).toEqual([250, 'm450', 'm201', false]);
    expect(await read({ oldest: '10', latest: '20' })).toEqual([9, 'm19', 'm11', true]);
    expect(await read({ threadTs: '440.000000' })).toEqual([11, 'm440', 'm450', true]);
  });

  it('calls any method, and gives what Slack answered', async () => {
    expect(await run('slack.request', { method: 'auth.test' })).toEqual({
      ok: true,
      user_id: 'U0BOT00001',
      team_id: 'T0TEAM0001',
    });
    const joined = await run('slack.request', { method: 'conversations.join', arguments: { channel: 'C0OTHERS01' } });
    expect(joined).toMatchObject({ channel: { name: 'others' } });
  });

  it.each<[JsonObject, string[]]>([
    [{ method: 'files.uploadV2', arguments: { file: '/etc/passwd' } }, ['method']],
    [{ method: 'oauth.v2.access' }, ['method']],
    [{ method: '../auth.test' }, ['method']],
    [{ method: 'https://example.com/x.y' }, ['method']],
    [{ method: 'auth.test', arguments: { token: TOKEN } }, ['arguments']],
  ])('does not call %j', (config, paths) => {
    expect(refusedBy(nodeOf('slack.request'), { credentialId: 'cr_1', ...config })).toEqual(paths);
  });

  it.each<[string, JsonObject, string[]]>([
    ['slack.message.send', { channel: 'C1' }, ['text']],
    ['slack.message.update', { channel: 'C1', ts: 'x', text: 'a' }, ['ts']],
    ['slack.user.find', {}, ['email']],
    ['slack.channel.find', { name: 'a', channelId: 'C1' }, ['name']],
    ['slack.file.upload', { name: 'a' }, ['text']],
    ['slack.message.send', { channel: 'C1', text: 'a', icon: 'x' }, ['']],
  ])('%s refuses %j', (type, config, paths) => {
    expect(refusedBy(nodeOf(type), { credentialId: 'cr_1', ...config })).toEqual(paths);
  });

  it('notices an answer that is not as it should be, and goes on', async () => {
    const drift: ResponseDrift[] = [];
    fake.fail('chat.postMessage', { kind: 'answer', body: { ok: true, channel: 'C1', ts: 5 } });
    const output = await run(
      'slack.message.send',
      { channel: 'C1', text: 'a' },
      { credentials: [credential()], drift },
    );
    expect(output).toEqual({ channel: 'C1', ts: 5, message: null });
    expect(drift.map(({ path, found }) => `${path} ${found}`)).toEqual(['ts number', 'message missing']);
  });

  describe('slack.respond', () => {
    const respond = (config: JsonObject): Promise<JsonValue> =>
      runNode(nodeOf('slack.respond'), config, { credentials: [credential()] });

    it('answers where the API of the credential is', async () => {
      const responseUrl = fake.newResponseUrl();
      const config = { responseUrl, credentialId: 'cr_1', text: 'Done', responseType: 'in_channel' };
      expect(await respond(config)).toEqual({ answered: true });
      expect(fake.workspace.responses).toEqual([{ text: 'Done', response_type: 'in_channel' }]);
      expect(fake.calls[0]?.headers.authorization).toBeUndefined();
    });

    it('goes nowhere but to Slack', async () => {
      const responseUrl = fake.newResponseUrl();
      await expect(respond({ responseUrl, text: 'a' })).rejects.toMatchObject({ code: 'SLACK_INVALID' });
      await expect(
        respond({ responseUrl: 'https://hooks.slack.com.example.com/x', credentialId: 'cr_1', text: 'a' }),
      ).rejects.toMatchObject({ code: 'SLACK_INVALID' });
      expect(fake.calls).toEqual([]);
    });

    it.each([
      ['once too often', 5, 'used_url'],
      ['too late', undefined, 'expired_url'],
    ])('says that it is %s, and never the URL', async (_when, uses, word) => {
      const responseUrl = fake.newResponseUrl();
      const config = { responseUrl, credentialId: 'cr_1', text: 'a' };
      for (let use = 0; use < (uses ?? 0); use++) await respond(config);
      if (uses === undefined) fake.workspace.responseUrls.clear();
      const error: unknown = await respond(config).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'SLACK_NOT_FOUND', options: { details: { error: word } } });
      expect(JSON.stringify(error) + String(error)).not.toContain(responseUrl);
      const { destinationOf } = nodeOf('slack.respond') as unknown as { destinationOf: (config: JsonObject) => string };
      expect(destinationOf(config)).toBe(new URL(fake.url).host);
    });
  });

  describe('credentials', () => {
    const oauth2 = (accessToken: string): Credential<'oauth2'> => ({
      id: 'cr_2',
      type: 'oauth2',
      data: {
        provider: 'generic',
        grant: 'authorizationCode',
        clientId: 'client',
        scopes: [],
        endpoints: { tokenEndpoint: `${fake.apiUrl}oauth.v2.access` },
        tokens: { accessToken, tokenType: 'bearer' },
      },
      allowedHosts: [],
    });
    const send = (given: Parameters<typeof runNode>[2]) =>
      run('slack.message.send', { credentialId: 'cr_2', channel: 'C0GENERAL1', text: 'a' }, given);

    it('renews a token that is expired, once', async () => {
      fake.expired.add('old');
      const asked: (string | undefined)[] = [];
      const renewed = async (refused: Credential<'oauth2'>): Promise<Credential<'oauth2'>> => {
        asked.push(refused.data.tokens?.accessToken);
        return oauth2(TOKEN);
      };
      expect(await send({ credentials: [oauth2('old')], renewed })).toMatchObject({ channel: 'C0GENERAL1' });
      expect(asked).toEqual(['old']);
    });

    it('asks for no third token', async () => {
      fake.expired.add('old');
      let asked = 0;
      const renewed = async () => (asked++, oauth2('old'));
      await expect(send({ credentials: [oauth2('old')], renewed })).rejects.toMatchObject({
        code: 'SLACK_UNAUTHENTICATED',
      });
      expect(asked).toBe(1);
    });

    it('sends no token of another service, and none to another host', async () => {
      const github = { ...oauth2(TOKEN), data: { ...oauth2(TOKEN).data, provider: 'github' as const } };
      await expect(send({ credentials: [github] })).rejects.toMatchObject({ code: 'CREDENTIAL_WRONG_TYPE' });
      const bound = { ...oauth2(TOKEN), allowedHosts: ['slack.com'] };
      await expect(send({ credentials: [bound] })).rejects.toMatchObject({ code: 'CREDENTIAL_HOST_NOT_ALLOWED' });
      await expect(send({})).rejects.toMatchObject({ code: 'CREDENTIAL_NOT_FOUND' });
      expect(fake.calls).toEqual([]);
    });
  });
});

import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { JsonObject } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import { runNode, type GivenAttempt } from '#libs/nodes/testing';
import { createOutboundHttp } from '#libs/outbound-http';
import { kindOfError } from './error-codes.ts';
import { slack } from './index.ts';
import { startFakeSlack, type FakeFault, type FakeSlack } from './testing/index.ts';

const TOKEN = 'xoxb-canary-8d1f0c7e';

describe('failures of Slack', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const nodeTypes = slack.nodeTypes({ http, clock: { nowMs: () => 0 }, version: '1.2.3' });
  let fake: FakeSlack;

  beforeEach(async () => {
    fake = await startFakeSlack({ token: TOKEN, nowMs: () => 0 });
  });
  afterEach(() => fake[Symbol.asyncDispose]());
  afterAll(() => http[Symbol.asyncDispose]());

  const run = (type: string, config: JsonObject, given: GivenAttempt = {}) => {
    const data = { token: TOKEN, apiUrl: fake.apiUrl };
    const credentials = [{ id: 'cr_1', type: 'slack.token', data, allowedHosts: [] }];
    const node = nodeTypes.find((one) => one.type === type)!;
    return runNode(node, { credentialId: 'cr_1', ...config }, { credentials, ...given });
  };
  const failed = async (work: Promise<unknown>): Promise<NodeError> => {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof NodeError) return error;
    throw new Error('it did not fail as nodes do', { cause: error });
  };
  const message = { channel: 'C0GENERAL1', text: 'a' };
  const send = (given?: GivenAttempt) => failed(run('slack.message.send', message, given));
  const update = (given?: GivenAttempt) =>
    failed(run('slack.message.update', { ...message, ts: '1700000000.000001' }, given));
  const answering = (error: string, more: JsonObject = {}): FakeFault => ({
    kind: 'answer',
    body: { ok: false, error, ...more },
  });

  it.each([
    ['invalid_auth', 'SLACK_UNAUTHENTICATED', false, 'answered'],
    ['token_revoked', 'SLACK_UNAUTHENTICATED', false, 'answered'],
    ['account_inactive', 'SLACK_UNAUTHENTICATED', false, 'answered'],
    ['not_in_channel', 'SLACK_FORBIDDEN', false, 'answered'],
    ['is_archived', 'SLACK_FORBIDDEN', false, 'answered'],
    ['channel_not_found', 'SLACK_NOT_FOUND', false, 'answered'],
    ['invalid_blocks', 'SLACK_INVALID', false, 'answered'],
    ['some_new_word', 'SLACK_INVALID', false, 'answered'],
    ['service_unavailable', 'SLACK_FAILED', true, 'failed'],
    ['ratelimited', 'SLACK_RATE_LIMITED', true, 'failed'],
  ])('%s is %s', async (word, code, retryable, destination) => {
    fake.fail('chat.postMessage', answering(word));
    expect(await send()).toMatchObject({
      code,
      options: { retryable, destination, details: { method: 'chat.postMessage', error: word } },
    });
  });

  it('says which scope is missing, and what is wrong with the arguments', async () => {
    fake.fail(
      'chat.postMessage',
      answering('missing_scope', { needed: 'chat:write', provided: 'users:read' }),
      answering('invalid_arguments', { response_metadata: { messages: ['[ERROR] no such field [json-pointer:/x]'] } }),
    );
    expect((await send()).options.details).toMatchObject({ needed: 'chat:write', provided: 'users:read' });
    expect((await send()).options.details).toMatchObject({ messages: ['[ERROR] no such field [json-pointer:/x]'] });
  });

  it.each([
    ['30', 30_000],
    ['0', 0],
    ['999999999', 86_400_000],
    [undefined, 60_000],
    ['soon', 60_000],
  ])('a 429 with Retry-After %s waits %i ms, is called once, and is no doubt', async (retryAfter, retryAfterMs) => {
    const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    fake.fail('chat.postMessage', { kind: 'answer', status: 429, headers, body: 'ratelimited' });
    expect(await send()).toMatchObject({
      code: 'SLACK_RATE_LIMITED',
      options: { retryable: true, retryAfterMs, rateLimited: true, destination: 'failed' },
    });
    expect(fake.calls).toHaveLength(1);
  });

  it('a 429 at a later page begins anew with the first one', async () => {
    const messages = [{ type: 'message', ts: '1700000000.000010' }];
    const page = { ok: true, messages, has_more: true, response_metadata: { next_cursor: 'n' } };
    const refused: FakeFault = { kind: 'answer', status: 429, headers: { 'retry-after': '60' }, body: 'ratelimited' };
    fake.fail('conversations.history', { kind: 'answer', body: page }, refused);
    const spent: string[] = [];
    expect(await failed(run('slack.channel.history', { channel: 'C0GENERAL1' }, { spent }))).toMatchObject({
      code: 'SLACK_RATE_LIMITED',
      options: { retryable: true, retryAfterMs: 60_000, rateLimited: true, afterAnswers: true, destination: 'failed' },
    });
    expect(spent).toEqual(['cr_1@slack/conversations.history']);
  });

  it('is limited by the tiers of the fake, as of Slack', async () => {
    await run('slack.message.send', message);
    expect(await send()).toMatchObject({ code: 'SLACK_RATE_LIMITED', options: { retryAfterMs: 1_000 } });
    await run('slack.message.send', { ...message, channel: 'C0DEPLOYS1' });
    for (let call = 0; call < 20; call++) await run('slack.channel.find', { name: 'general' });
    expect(await failed(run('slack.channel.find', { name: 'general' }))).toMatchObject({
      code: 'SLACK_RATE_LIMITED',
      options: { retryAfterMs: 60_000 },
    });
  });

  it.each<[string, FakeFault]>([
    ['hangs up', { kind: 'hangUp' }],
    ['says internal_error', answering('internal_error')],
    ['says fatal_error', answering('fatal_error')],
    ['answers 500', { kind: 'answer', status: 500, body: 'oops' }],
    ['answers a page', { kind: 'answer', body: '<html>Please wait</html>' }],
  ])('when Slack %s a message is in doubt, and what may be done twice is tried again', async (_how, fault) => {
    fake.fail('chat.postMessage', fault);
    fake.fail('chat.update', fault);
    expect(await send()).toMatchObject({
      code: 'SLACK_OUTCOME_UNKNOWN',
      options: { retryable: false, inDoubt: true, destination: 'failed' },
    });
    const { code, options } = await update();
    expect([code === 'SLACK_FAILED' || code === 'HTTP_DISCONNECTED', options.retryable, options.inDoubt]).toEqual([
      true,
      true,
      undefined,
    ]);
    expect(JSON.stringify(options)).not.toContain('html');
  });

  it('a status before any work leaves no doubt', async () => {
    fake.fail('chat.postMessage', { kind: 'answer', status: 503, body: '' }, { kind: 'answer', status: 404, body: '' });
    expect(await send()).toMatchObject({ code: 'SLACK_FAILED', options: { retryable: true } });
    expect(await send()).toMatchObject({ code: 'SLACK_FAILED', options: { retryable: false } });
  });

  it('follows no redirect with a token', async () => {
    fake.fail('chat.update', {
      kind: 'answer',
      status: 302,
      headers: { location: `${fake.apiUrl}auth.test` },
      body: '',
    });
    expect(await update()).toMatchObject({ code: 'HTTP_TOO_MANY_REDIRECTS' });
    expect(fake.calls).toHaveLength(1);
  });

  it('leaves no doubt when nobody was reached', async () => {
    const data = { token: TOKEN, apiUrl: 'http://127.0.0.1:1/api/' };
    const credentials = [{ id: 'cr_1', type: 'slack.token', data, allowedHosts: [] }];
    const node = nodeTypes.find(({ type }) => type === 'slack.message.send')!;
    const error = await failed(runNode(node, { credentialId: 'cr_1', ...message }, { credentials }));
    expect(error).toMatchObject({ code: 'HTTP_CONNECT', options: { retryable: true, destination: 'failed' } });
  });

  it.each([
    ['its time is over', new DOMException('late', 'TimeoutError'), 'HTTP_TIMEOUT'],
    ['the process ends', new Error('stop'), 'HTTP_ABORTED'],
  ])('ends at once when %s', async (_why, reason, code) => {
    const ended = async (work: (given: GivenAttempt) => Promise<NodeError>, method: string): Promise<NodeError> => {
      fake.fail(method, { kind: 'silence' });
      const controller = new AbortController();
      const arrived = fake.nextArrival();
      const error = work({ signal: controller.signal });
      await arrived;
      controller.abort(reason);
      return error;
    };
    expect(await ended(update, 'chat.update')).toMatchObject({ code, options: { retryable: true } });
    expect(await ended(send, 'chat.postMessage')).toMatchObject({
      code: 'SLACK_OUTCOME_UNKNOWN',
      options: { details: { code } },
    });
  });

  it('never tells the token', async () => {
    const said: unknown[] = [];
    const sink = new Writable({ write: (chunk, _encoding, done) => (said.push(String(chunk)), done()) });
    const before = globalThis.console;
    globalThis.console = new Console(sink, sink);
    try {
      const faults: FakeFault[] = [
        answering('invalid_auth'),
        { kind: 'hangUp' },
        { kind: 'answer', status: 500, body: '' },
      ];
      fake.fail('chat.postMessage', ...faults);
      for (const _ of faults) {
        const { code, message: text, options, stack } = await send();
        said.push(code, text, options.details, stack, inspect(options.cause, { depth: 9 }));
      }
    } finally {
      globalThis.console = before;
    }
    expect(said).toHaveLength(15);
    expect(JSON.stringify(said)).not.toContain('canary');
  });

  it('knows a kind for every text', () => {
    const kinds = ['unauthenticated', 'forbidden', 'notFound', 'rateLimited', 'invalid', 'unavailable', 'broken'];
    fc.assert(fc.property(fc.string(), (text) => kinds.includes(kindOfError(text))));
    expect(['constructor', '', 'a b', 'ümlaut'].map(kindOfError)).toEqual(['invalid', 'broken', 'broken', 'broken']);
  });
});

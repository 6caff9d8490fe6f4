import { createHmac } from 'node:crypto';
import { Api, call, type Reply } from '../support/api.ts';
import { hookGraph } from '../support/hook-graph.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { TestPostgres } from '../support/servers.ts';
import { until } from '../support/until.ts';

const hmac = (key: string, text: string) => createHmac('sha256', key).update(text).digest('hex');
const githubHeaders = (key: string, text: string) => ({ 'x-hub-signature-256': `sha256=${hmac(key, text)}` });
const codeOf = ({ status, body }: Reply) => [status, (body as { code?: string }).code];

describe('webhooks that verify who calls', () => {
  let millrace: LocalMillrace;
  let postgres: TestPostgres;
  let api: Api;

  beforeAll(async () => {
    postgres = await TestPostgres.start();
    millrace = await startMillrace({ postgres });
    api = await Api.register(millrace.url);
  }, 90_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  const credentialOf = async (type: string, data: object): Promise<string> => {
    const { status, body } = await api.send('POST', '/v1/credentials', { json: { name: 'Of a sender', type, data } });
    expect(status).toBe(201);
    return (body as { id: string }).id;
  };
  const secretOf = (secret: string) => credentialOf('webhook.secret', { secret });
  const hookFor = async (verify: object): Promise<string> => (await api.activate(hookGraph({ verify }))).hook;
  const post = (hook: string, text: string, headers: Readonly<Record<string, string>> = {}) =>
    call(millrace.url, 'POST', hook, { text, headers });

  it('take what is signed over the bytes that came, and start nothing for anything else', async () => {
    const hook = await hookFor({ scheme: 'github', credentialId: await secretOf('right') });
    const text = '{"b":  1,\n"a":"\\u00e9"}';
    const { status, body } = await post(hook, text, githubHeaders('right', text));
    expect(status).toBe(202);
    const execution = await api.ended((body as { executionId: string }).executionId);
    expect(execution.input.body).toEqual({ b: 1, a: 'é' });
    expect(JSON.stringify(execution)).not.toContain('right');
    // It was read from the log; lists show it a little later.
    const before = await until('it is listed', async () => (await api.executions()).length || undefined);
    expect(codeOf(await post(hook, text))).toEqual([401, 'SIGNATURE_MISSING']);
    expect(codeOf(await post(hook, text, githubHeaders('wrong', text)))).toEqual([401, 'SIGNATURE_MISMATCH']);
    expect(codeOf(await post(hook, `${text} `, githubHeaders('right', text)))).toEqual([401, 'SIGNATURE_MISMATCH']);
    expect(codeOf(await post(hook, text, { 'x-hub-signature-256': 'sha256=00' }))).toEqual([401, 'SIGNATURE_MISMATCH']);
    expect((await post(hook, 'not JSON')).status).toBe(401);
    expect(await api.executions()).toHaveLength(before);
  });

  it('say by which scheme to prove who calls', async () => {
    const basic = await hookFor({
      scheme: 'basic',
      credentialId: await credentialOf('http.basic', { username: 'ada', password: 'lovelace' }),
    });
    const refused = await post(basic, '{}');
    expect(refused.headers.get('www-authenticate')).toBe('Basic realm="webhook", charset="UTF-8"');
    const authorization = `Basic ${Buffer.from('ada:lovelace').toString('base64')}`;
    const { body } = await post(basic, '{}', { authorization });
    const execution = await api.ended((body as { executionId: string }).executionId);
    expect(JSON.stringify(execution)).not.toContain(authorization);
  });

  it('refuse what was signed too long ago', async () => {
    const hook = await hookFor({ scheme: 'stripe', credentialId: await secretOf('whsec_x') });
    const signed = (seconds: number) => ({ 'stripe-signature': `t=${seconds},v1=${hmac('whsec_x', `${seconds}.{}`)}` });
    const nowSeconds = Math.floor(Date.now() / 1000);
    expect((await post(hook, '{}', signed(nowSeconds))).status).toBe(202);
    expect(codeOf(await post(hook, '{}', signed(nowSeconds - 310)))).toEqual([401, 'SIGNATURE_EXPIRED']);
  });

  it('answer the challenge of Slack, once it is signed, and start nothing for it', async () => {
    const hook = await hookFor({ scheme: 'slack', credentialId: await secretOf('slack') });
    const signed = (text: string) => {
      const seconds = String(Math.floor(Date.now() / 1000));
      return {
        'x-slack-request-timestamp': seconds,
        'x-slack-signature': `v0=${hmac('slack', `v0:${seconds}:${text}`)}`,
      };
    };
    const text = JSON.stringify({ token: 't', challenge: '3eZbrw1aB', type: 'url_verification' });
    const before = (await api.executions()).length;
    expect((await post(hook, text)).status).toBe(401);
    const answer = await post(hook, text, signed(text));
    expect([answer.status, answer.headers.get('content-type'), answer.text]).toEqual([
      200,
      'text/plain; charset=utf-8',
      '3eZbrw1aB',
    ]);
    const check = 'ssl_check=1&token=t';
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post(hook, check, form)).toMatchObject({ status: 200, text: '' });
    expect(await api.executions()).toHaveLength(before);
    const command = 'command=%2Fdeploy&text=now';
    expect((await post(hook, command, { ...form, ...signed(command) })).status).toBe(202);
  });

  it('take two secrets while they are changed, and the new one from the next call on', async () => {
    const credentialId = await secretOf('first');
    const hook = await hookFor({ scheme: 'github', credentialId });
    const statusWith = async (key: string) => (await post(hook, '{}', githubHeaders(key, '{}'))).status;
    const change = async (data: object) => {
      const { status } = await api.send('PATCH', `/v1/credentials/${credentialId}`, { json: { data } });
      expect(status).toBe(200);
    };
    expect(await statusWith('first')).toBe(202);
    await change({ secret: 'second', previousSecret: 'first' });
    await until('the new secret counts', async () => ((await statusWith('second')) === 202 ? true : undefined));
    expect(await statusWith('first')).toBe(202);
    await change({ secret: 'second' });
    await until('the old one no longer does', async () => ((await statusWith('first')) === 401 ? true : undefined));
    expect(await statusWith('second')).toBe(202);
  });

  it('do not come to be with a credential that can not verify them', async () => {
    const basic = await credentialOf('http.basic', { username: 'ada', password: 'x' });
    const short = await secretOf('whsec_c2hvcnQ=');
    const created = (verify: object) => api.send('POST', '/v1/workflows', { json: hookGraph({ verify }) });
    for (const [verify, message] of [
      [{ scheme: 'github', credentialId: basic }, /webhook.secret/],
      [{ scheme: 'standard-webhooks', credentialId: short }, /24 to 64 bytes/],
      [{ scheme: 'github', credentialId: 'cred_none' }, /there is no credential/],
    ] as const) {
      expect(await created(verify)).toMatchObject({
        status: 422,
        body: {
          code: 'INVALID_WORKFLOW',
          errors: [
            {
              path: 'nodes[0].config.verify.credentialId',
              message: expect.stringMatching(message) as unknown,
            },
          ],
        },
      });
    }
  });

  it('answer that they can not verify, when their secret was made unfit, and take nothing', async () => {
    const good = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const credentialId = await secretOf(good);
    const hook = await hookFor({ scheme: 'standard-webhooks', credentialId });
    await api.send('PATCH', `/v1/credentials/${credentialId}`, { json: { data: { secret: 'whsec_' } } });
    const refused = await until('it is seen', async () => {
      const reply = await post(hook, '{}');
      return reply.status === 503 ? reply : undefined;
    });
    expect(codeOf(refused)).toEqual([503, 'WEBHOOK_NOT_VERIFIABLE']);
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(millrace.log.join('')).toContain('24 to 64 bytes');
  });

  it('go on with the secrets that they know while Postgres is away, and take no others unverified', async () => {
    const known = await hookFor({ scheme: 'github', credentialId: await secretOf('known') });
    const unknown = await hookFor({ scheme: 'github', credentialId: await secretOf('unknown') });
    expect((await post(known, '{}', githubHeaders('known', '{}'))).status).toBe(202);
    await postgres.kill();
    expect((await post(known, '{}', githubHeaders('known', '{}'))).status).toBe(202);
    expect((await post(known, '{}', githubHeaders('other', '{}'))).status).toBe(401);
    expect((await post(unknown, '{}', githubHeaders('unknown', '{}'))).status).toBe(503);
    await postgres.restart();
    await until('it verifies again', async () =>
      (await post(unknown, '{}', githubHeaders('unknown', '{}'))).status === 202 ? true : undefined,
    );
  }, 60_000);
});

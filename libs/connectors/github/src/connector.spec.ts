import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { nodeTypeNameOf, type ResponseDrift } from '#libs/node-kit';
import { z } from 'zod';
import { github } from './index.ts';
import { startFakeGitHub, type FakeTrouble } from './testing/index.ts';
import { gitHubRunner, tokenCredential } from './testing/run-github.ts';

const TOKEN = 'ghp_canary0123456789';

describe('the connector', () => {
  const runner = gitHubRunner();
  afterAll(() => runner[Symbol.asyncDispose]());
  const types = runner.nodeTypes.map((one) => [one.type, one] as const);

  it('has each type once, by its own name', () => {
    expect(github.name).toBe('github');
    expect(new Set(types.map(([type]) => type)).size).toBe(types.length);
    expect(types.map(([type]) => type).filter((type) => !/^(trigger\.github$|github\.)/.test(type))).toEqual([]);
    for (const [, { deprecated }] of types)
      if (deprecated) expect(types.map(([type]) => type)).toContain(deprecated.replacedBy);
  });

  it.each(types)('%s tells what it is, each of its fields too, and takes its examples', (_type, node) => {
    expect([node.title, node.description]).not.toContain('');
    expect(node.examples?.length).toBeGreaterThan(0);
    for (const example of node.examples ?? [])
      expect(node.configSchema.safeParse(literal(example)).error).toBeUndefined();
    const { properties } = z.toJSONSchema(node.configSchema, { io: 'input', unrepresentable: 'any' });
    for (const [name, field] of Object.entries(properties ?? {}))
      expect([name, field]).toEqual([
        name,
        expect.objectContaining({
          title: expect.any(String) as string,
          description: expect.any(String) as string,
          examples: expect.anything() as unknown,
        }),
      ]);
  });

  it('upgrades from the version before', () => {
    const later = types.filter(([type]) => nodeTypeNameOf(type).version > 1);
    expect(later.map(([type, node]) => [type, node.upgrade?.({}).config])).toEqual([['github.issue.create@2', {}]]);
  });

  describe('shows no secret', () => {
    const echo = { message: `who sent ${TOKEN}?`, errors: [TOKEN], title: TOKEN, items: [TOKEN] };
    const troubles: readonly FakeTrouble[] = [
      { kind: 'lost' },
      ...[200, 201, 401, 403, 404, 409, 422, 429, 500, 502].map(
        (status) => ({ kind: 'answer', status, body: echo }) as const,
      ),
    ];
    const actions = runner.nodeTypes.filter(({ kind }) => kind === 'action');

    it.each(actions.map(({ type, examples }) => [type, examples?.[0] ?? {}] as const))('%s', async (type, config) => {
      await using fake = await startFakeGitHub();
      for (const trouble of troubles) {
        const drift: ResponseDrift[] = [];
        fake.trouble = () => trouble;
        const given = { credentials: [tokenCredential(fake.url, TOKEN)], drift };
        const outcome: unknown = await runner.run(type, literal(config), given).catch((error: unknown) => error);
        expect(inspect({ outcome, drift }, { depth: 20, showHidden: true })).not.toContain(TOKEN);
      }
      expect(fake.calls.length).toBeGreaterThan(0);
    });

    it('nor the token of an installation, which nobody else knows to be one', async () => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', {
        modulusLength: 2_048,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      });
      await using fake = await startFakeGitHub({ apps: { '7': { installationId: '70', publicKey } } });
      const data = { appId: '7', installationId: '70', privateKey, apiUrl: fake.url };
      const credentials = [{ id: 'cr_1', type: 'github.app', data, allowedHosts: [] }];
      fake.trouble = ({ path }) =>
        path.startsWith('/app/')
          ? undefined
          : { kind: 'answer', status: 200, body: { title: `${fake.appTokens[0]} and ${fake.appTokens[0]} ü` } };
      const output = await runner.run('github.issue.get', { number: 1 }, { credentials });
      expect(output).toMatchObject({ title: '[secret] and [secret] ü' });
    });
  });

  it('ends a call when it is no longer wanted', async () => {
    await using fake = await startFakeGitHub();
    const controller = new AbortController();
    fake.trouble = () => {
      controller.abort();
      return { kind: 'silent' };
    };
    const given = { credentials: [tokenCredential(fake.url)], signal: controller.signal };
    await expect(runner.run('github.issue.list', {}, given)).rejects.toMatchObject({ code: 'HTTP_ABORTED' });
  });
});

/** An example with values in place of its expressions. */
function literal(config: JsonObject): JsonObject {
  const valueOf = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return value.replaceAll(/\{\{.*?\}\}/g, 'text');
    if (Array.isArray(value)) return (value as JsonValue[]).map(valueOf);
    return isJsonObject(value) ? literal(value) : value;
  };
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, valueOf(value)]));
}

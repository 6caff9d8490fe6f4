import type { JsonObject } from '#libs/kernel';
import { checkedBy, refusedBy } from '../testing/run-nodes.ts';
import { webhookTriggerConfigSchema } from './config.ts';
import { webhookTrigger } from './trigger-webhook.ts';

describe('trigger.webhook', () => {
  it('has defaults for everything', () => {
    expect(webhookTriggerConfigSchema.parse({})).toEqual({
      method: ['POST'],
      verify: { scheme: 'none' },
      respond: { mode: 'accepted', timeoutMs: 30_000 },
      maxBodyBytes: 1_048_576,
    });
  });

  it.each([
    ['PUT', ['PUT']],
    [
      ['GET', 'POST', 'GET'],
      ['GET', 'POST'],
    ],
  ])('takes one method or a list: %j', (method, methods) => {
    expect(webhookTriggerConfigSchema.parse({ method }).method).toEqual(methods);
  });

  it.each<[JsonObject, string]>([
    [{ method: 'post' }, 'method'],
    [{ method: [] }, 'method'],
    [{ method: 'TRACE' }, 'method'],
    [{ schema: true }, 'schema'],
    [{ verify: { scheme: 'magic' } }, 'verify.scheme'],
    [{ verify: { scheme: 'github' } }, 'verify.credentialId'],
    [{ verify: { scheme: 'none', credentialId: 'cr_1' } }, 'verify'],
    [{ verify: { scheme: 'hmac', credentialId: 'cr_1', header: 'a b' } }, 'verify.header'],
    [{ verify: { scheme: 'slack', credentialId: 'cr_1', toleranceSeconds: 3_601 } }, 'verify.toleranceSeconds'],
    [{ dedupe: { key: 'k', windowMs: 999 } }, 'dedupe.windowMs'],
    [{ respond: { mode: 'later' } }, 'respond.mode'],
    [{ respond: { timeoutMs: 0 } }, 'respond.timeoutMs'],
    [{ respond: { timeoutMs: 60_001 } }, 'respond.timeoutMs'],
    [{ maxBodyBytes: 0 }, 'maxBodyBytes'],
    [{ maxBodyBytes: 16_777_217 }, 'maxBodyBytes'],
    [{ rateLimit: { limit: 1 } }, 'rateLimit.perMs'],
    [{ allowIps: ['10.0.0.0/33'] }, 'allowIps.0'],
    [{ dedupe: { windowMs: 5_000 } }, 'dedupe.key'],
    [{ other: 1 }, ''],
  ])('refuses %j', (config, path) => {
    expect(refusedBy(webhookTrigger, config)).toEqual([path]);
  });

  it('accepts all that the contract names', () => {
    const config = {
      method: ['POST', 'PUT'],
      schema: { type: 'object' },
      verify: { scheme: 'stripe', credentialId: 'cr_1' },
      respond: { mode: 'result', timeoutMs: 60_000 },
      maxBodyBytes: 16_777_216,
      rateLimit: { limit: 10, perMs: 1_000 },
      allowIps: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1', '::1'],
      dedupe: { key: '{{ trigger.body.id }}', windowMs: 60_000 },
    };
    expect(refusedBy(webhookTrigger, config)).toEqual([]);
  });

  it('fills in what a signature of the sender’s own making leaves open', () => {
    const verify = { scheme: 'hmac', credentialId: 'cr_1', header: 'X-Sum' };
    expect(webhookTriggerConfigSchema.parse({ verify }).verify).toEqual({
      ...verify,
      header: 'x-sum',
      algorithm: 'sha256',
      encoding: 'hex',
      prefix: '',
      toleranceSeconds: 300,
    });
  });

  it.each<[JsonObject, string]>([
    [{ dedupe: { key: '{{ trigger. }}', windowMs: 1_000 } }, 'dedupe.key: expression at offset'],
    [{ schema: { properties: { a: { type: 'text' } } } }, 'schema.properties.a.type: '],
    [{ schema: { allOf: [{ $ref: '#' }] } }, 'schema'],
  ])('refuses the config %j', (config, problem) => {
    expect(checkedBy(webhookTrigger, config)).toEqual([expect.stringContaining(problem)]);
  });

  it.each<JsonObject>([{ dedupe: 5 }, { dedupe: {} }, { dedupe: { key: 7 } }, {}])(
    'makes no fuss about %j',
    (config) => {
      expect(checkedBy(webhookTrigger, config)).toEqual([]);
    },
  );
});

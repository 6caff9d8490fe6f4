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
    [{ respond: { mode: 'later' } }, 'respond.mode'],
    [{ respond: { timeoutMs: 0 } }, 'respond.timeoutMs'],
    [{ respond: { timeoutMs: 60_001 } }, 'respond.timeoutMs'],
    [{ maxBodyBytes: 0 }, 'maxBodyBytes'],
    [{ maxBodyBytes: 16_777_217 }, 'maxBodyBytes'],
    [{ rateLimit: { limit: 1 } }, 'rateLimit.perMs'],
    [{ allowIps: ['10.0.0.0/33'] }, 'allowIps.0'],
    [{ dedupe: { windowMs: 5 } }, 'dedupe.key'],
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

  it('refuses what nothing acts on yet, rather than letting it look as if it worked', () => {
    const config = {
      schema: {},
      verify: { scheme: 'stripe', credentialId: 'cr_1' },
      respond: { mode: 'result' },
      rateLimit: { limit: 1, perMs: 1 },
      allowIps: ['10.0.0.1'],
      dedupe: { key: 'k', windowMs: 1 },
    };
    expect(checkedBy(webhookTrigger, config)).toEqual([
      'schema: is not supported yet; leave it out',
      'rateLimit: is not supported yet; leave it out',
      'allowIps: is not supported yet; leave it out',
      'dedupe: is not supported yet; leave it out',
      'verify.scheme: "stripe" is not supported yet; leave it out',
      'respond.mode: "result" is not supported yet; leave it out',
    ]);
    expect(
      checkedBy(webhookTrigger, { verify: { scheme: 'none' }, respond: { mode: 'accepted' }, method: 'GET' }),
    ).toEqual([]);
    expect(checkedBy(webhookTrigger, { verify: 5, respond: [] })).toEqual([]);
  });
});

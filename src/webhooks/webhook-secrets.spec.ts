import { createRootKeys } from '../platform/root-keys.ts';
import { WebhookSecrets } from './webhook-secrets.ts';

describe('secrets of webhooks', () => {
  const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

  it('are the same each time, and another one for each webhook and root key', () => {
    const [secret] = new WebhookSecrets(createRootKeys([one])).of('wh_1');
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new WebhookSecrets(createRootKeys([one])).of('wh_1')).toEqual([secret]);
    expect(new WebhookSecrets(createRootKeys([one])).of('wh_2')).not.toContain(secret);
    const [current, earlier, ...none] = new WebhookSecrets(createRootKeys([other, one])).of('wh_1');
    expect([current === secret, earlier === secret, none]).toEqual([false, true, []]);
  });
});

import { EntityManager } from '@mikro-orm/postgresql';
import { TestApp } from '../testing/test-app.ts';
import { ExpiredKeys } from './expired-keys.ts';
import { KEPT_MS } from './idempotency-keys.ts';

describe('the removal of expired keys', () => {
  it('goes on until none is left, and ends with the process after the step that it is at', async () => {
    await using app = await TestApp.start();
    const em = app.nest.get(EntityManager).fork();
    const keys = app.nest.get(ExpiredKeys, { strict: false });
    const fill = (count: number, ageMs: number): Promise<unknown> => {
      const at = new Date(app.clock.now - ageMs);
      return em.execute(
        `insert into idempotency_keys (id, fingerprint, seed, holder, created_at, leased_until)
         select gen_random_uuid(), '', '', '', ?, ? from generate_series(1, ?)`,
        [at, at, count],
      );
    };
    const count = async (): Promise<number> => (await em.execute('select 1 from idempotency_keys')).length;

    await fill(11_000, KEPT_MS);
    await fill(2, KEPT_MS - 1);
    await keys.sweep();
    expect(await count()).toBe(2);

    await fill(1_000, KEPT_MS);
    const sweep = keys.sweep();
    await keys.beforeApplicationShutdown();
    await sweep;
    expect(await count()).toBe(502);
  });
});

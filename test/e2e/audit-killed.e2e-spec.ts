import { Client } from 'pg';
import { Api } from '../support/api.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { until } from '../support/until.ts';

interface Item {
  readonly action: string;
  readonly target: string | null;
  readonly outcome: { readonly status: number } | null;
}

const credential = { name: 'mail', type: 'http.bearer', data: { token: 'canary' } };

describe('the audit when processes die', () => {
  let millrace: ScaledMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await ScaledMillrace.start();
    api = await Api.register(millrace.url);
  }, 90_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  }, 60_000);

  const changes = async (action: string): Promise<Item[]> => {
    const { body } = await api.send('GET', `/v1/audit?action=${action}`);
    return (body as { items: Item[] }).items;
  };
  const credentials = async (): Promise<unknown[]> =>
    ((await api.send('GET', '/v1/credentials')).body as { items: unknown[] }).items;

  it('kill -9 of the api amid a change leaves its beginning, and no end', async () => {
    const database = new Client({ connectionString: millrace.servers.postgres.url });
    await database.connect();
    await database.query('begin');
    await database.query('lock table credentials in access exclusive mode');
    const answer = api.send('POST', '/v1/credentials', { json: credential }).catch((error: unknown) => error);
    await until('the change has begun', async () =>
      (await changes('credential.create')).length > 0 ? true : undefined,
    );
    await millrace.killPart('api');
    expect(await answer).toMatchObject({ message: 'fetch failed' });
    await database.query('rollback');
    await database.end();
    await millrace.startPart('api');
    await millrace.untilReadinessIs(200);
    expect(await changes('credential.create')).toEqual([
      expect.objectContaining({ action: 'credential.create', target: null, outcome: null, before: null, after: null }),
    ]);
    // The log goes on behind it.
    expect((await api.send('POST', '/v1/credentials', { json: credential })).status).toBe(201);
    expect((await changes('credential.create'))[0]).toMatchObject({ outcome: { status: 201 } });
  }, 60_000);

  it('nothing is changed, and nothing shown to an auditor, while the log is away', async () => {
    const json = { name: 'the auditor', role: 'auditor' };
    const { key } = (await api.send('POST', '/v1/api-keys', { json })).body as { key: string };
    const auditor = Api.withToken(millrace.url, key);
    expect((await auditor.send('GET', '/v1/executions')).status).toBe(200);
    const before = await credentials();
    await millrace.servers.nats.kill();
    await millrace.untilReadinessIs(503);
    for (const refused of [
      await api.send('POST', '/v1/credentials', { json: credential }),
      await api.send('POST', '/v1/api-keys', { json }),
      await auditor.send('GET', '/v1/executions'),
    ]) {
      expect(refused).toMatchObject({ status: 503, body: { code: 'LOG_UNAVAILABLE' } });
      expect(refused.headers.get('retry-after')).toBe('1');
    }
    expect(await credentials()).toEqual(before);
    // What was read of the log is still there to be seen.
    expect((await auditor.send('GET', '/v1/audit')).status).toBe(200);
    expect((await auditor.send('GET', '/v1/audit/proof')).status).toBe(503);
    await millrace.servers.nats.start();
    await millrace.untilReadinessIs(200);
    expect((await api.send('POST', '/v1/credentials', { json: credential })).status).toBe(201);
    expect((await auditor.send('GET', '/v1/executions')).status).toBe(200);
  }, 60_000);
});

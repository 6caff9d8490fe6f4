import type { SuppressionView } from '../../src/suppressions/suppressions.dto.ts';
import { SuppressionList } from '#libs/suppressions';
import { Api, type Reply } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const codeOf = ({ status, body }: Reply) => [status, (body as { code?: string }).code];

describe('who gets no mail', () => {
  let millrace: LocalMillrace;
  let api: Api;
  beforeAll(async () => {
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    api = await Api.register(millrace.url);
  });
  afterAll(() => millrace[Symbol.asyncDispose]());

  const post = (json: object, by = api, headers: Record<string, string> = {}) =>
    by.send('POST', '/v1/suppressions', { json, headers });
  const put = async (json: object): Promise<SuppressionView> => {
    const { status, body } = await post(json);
    expect(status).toBe(201);
    return body as SuppressionView;
  };
  const pageOf = async (query = '', by = api) => {
    const { status, body } = await by.send('GET', `/v1/suppressions${query}`);
    expect(status).toBe(200);
    return body as { items: SuppressionView[]; nextCursor: string | null };
  };
  const addresses = async (query = '', by = api): Promise<string[]> =>
    (await pageOf(query, by)).items.map(({ address }) => address);
  const workspaceId = async (): Promise<string> =>
    ((await api.send('GET', '/v1/me')).body as { workspace: { id: string } }).workspace.id;
  const withRole = async (role: string): Promise<Api> => {
    const { body } = await api.send('POST', '/v1/api-keys', { json: { name: 'Of a test', role } });
    return Api.withToken(millrace.url, (body as { key: string }).key);
  };

  it('is put on the list, which shows it at once and keeps mail from the address', async () => {
    const reply = await post({ address: 'Ann@Example.org', detail: '  Asked on the phone ' });
    const view = reply.body as SuppressionView;
    expect(reply.status).toBe(201);
    expect(reply.headers.get('location')).toBe(`/v1/suppressions/${view.id}`);
    expect(view).toEqual({
      ...{ id: expect.stringMatching(/^sup_/) as string, address: 'Ann@Example.org', topic: null, reason: 'manual' },
      ...{ detail: 'Asked on the phone', executionId: null, expiresAt: null },
      createdAt: expect.any(String) as string,
    });
    expect(await pageOf()).toEqual({ items: [view], nextCursor: null });
    expect((await api.send('GET', `/v1/suppressions/${view.id}`)).body).toEqual(view);
    const list = millrace.app.get(SuppressionList, { strict: false });
    expect([...(await list.among(await workspaceId(), ['ann@example.org'], 'news')).keys()]).toEqual([
      'ann@example.org',
    ]);
  });

  it('stays as it is when that lasts at least as long', async () => {
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    const brief = await put({ address: 'ann@example.org', expiresAt: soon });
    const same = await post({ address: 'ANN@example.org', expiresAt: soon });
    expect([same.status, same.body]).toEqual([200, brief]);
    const long = await put({ address: 'ann@example.org' });
    expect(long).toMatchObject({ id: brief.id, expiresAt: null });
    const shorter = await post({ address: 'ann@example.org', expiresAt: soon });
    expect([shorter.status, shorter.body]).toEqual([200, long]);
    expect((await pageOf()).items).toEqual([long]);
  });

  it('is one entry for one wish, however often it is sent', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await post({ address: 'ann@example.org' }, api, key);
    const again = await post({ address: 'ann@example.org' }, api, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(codeOf(await post({ address: 'ben@example.org' }, api, key))).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('is listed newest first, by filters and pages', async () => {
    await put({ address: 'a@example.org' });
    await put({ address: 'b@example.org', topic: 'news' });
    await put({ address: 'b@example.org' });
    await put({ address: 'c@example.org', topic: 'offers' });
    const list = millrace.app.get(SuppressionList, { strict: false });
    await list.add({
      ...{ workspaceId: await workspaceId(), address: 'd@example.org', topic: null, reason: 'hardBounce' },
      ...{ detail: '550 5.1.1', executionId: 'ex_1', at: new Date().toISOString(), expiresAt: null },
    });
    const all = ['d@example.org', 'c@example.org', 'b@example.org', 'b@example.org', 'a@example.org'];
    await until('it is listed', async () => ((await addresses()).length === all.length ? true : undefined));
    expect(await addresses()).toEqual(all);
    expect(await addresses('?reason=hardBounce')).toEqual(['d@example.org']);
    expect(await addresses('?reason=manual&address=B@Example.org')).toEqual(['b@example.org', 'b@example.org']);
    expect(await addresses('?topic=news')).toEqual(['b@example.org']);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await pageOf(`?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      paged.push(...page.items.map(({ address }) => address));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all);
  });

  it('is taken from the list, and may be put there again', async () => {
    const { id } = await put({ address: 'ann@example.org' });
    expect((await api.send('DELETE', `/v1/suppressions/${id}`)).status).toBe(204);
    expect(await addresses()).toEqual([]);
    expect(codeOf(await api.send('GET', `/v1/suppressions/${id}`))).toEqual([404, 'SUPPRESSION_NOT_FOUND']);
    expect(codeOf(await api.send('DELETE', `/v1/suppressions/${id}`))).toEqual([404, 'SUPPRESSION_NOT_FOUND']);
    expect(await put({ address: 'ann@example.org' })).toMatchObject({ id });
  });

  it('goes by itself when its time is over', async () => {
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    const { id } = await put({ address: 'ann@example.org', expiresAt });
    expect(await addresses()).toEqual(['ann@example.org']);
    await until('it has expired', async () => ((await addresses()).length === 0 ? true : undefined));
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
    expect(codeOf(await api.send('GET', `/v1/suppressions/${id}`))).toEqual([404, 'SUPPRESSION_NOT_FOUND']);
    expect(codeOf(await api.send('DELETE', `/v1/suppressions/${id}`))).toEqual([404, 'SUPPRESSION_NOT_FOUND']);
  });

  it('takes one address, and an end that is to come', async () => {
    for (const address of ['ann', 'a@b.test, c@d.test', 'Ann <ann@example.org>', 'a@b.test\r\nBcc: c@d.test', ''])
      expect(await post({ address })).toMatchObject({
        status: 400,
        body: { code: 'INVALID_REQUEST', errors: [{ path: 'address' }] },
      });
    const expiresAt = new Date(Date.now() - 1).toISOString();
    expect(await post({ address: 'ann@example.org', expiresAt })).toMatchObject({
      status: 422,
      body: { code: 'SUPPRESSION_EXPIRY_PASSED', errors: [{ path: 'expiresAt' }] },
    });
    expect((await post({ address: 'ann@example.org', expiresAt: '9999-12-31T23:59:59.999Z' })).status).toBe(201);
    for (const query of ['?reason=none', '?limit=0', '?topic=', '?q=1'])
      expect((await api.send('GET', `/v1/suppressions${query}`)).status).toBe(400);
  });

  it('is of one workspace', async () => {
    const { id } = await put({ address: 'ann@example.org' });
    const other = await Api.register(millrace.url);
    expect(await addresses('', other)).toEqual([]);
    expect(codeOf(await other.send('GET', `/v1/suppressions/${id}`))).toEqual([404, 'SUPPRESSION_NOT_FOUND']);
    expect(codeOf(await other.send('DELETE', `/v1/suppressions/${id}`))).toEqual([404, 'SUPPRESSION_NOT_FOUND']);
    const theirs = await post({ address: 'ann@example.org' }, other);
    expect(theirs.status).toBe(201);
    expect((theirs.body as SuppressionView).id).not.toBe(id);
    expect((await other.send('DELETE', `/v1/suppressions/${(theirs.body as SuppressionView).id}`)).status).toBe(204);
    expect(await addresses()).toEqual(['ann@example.org']);
  });

  it('is for editors to change, for viewers to see, and changes are in the audit', async () => {
    const { id } = await put({ address: 'ann@example.org' });
    const viewer = await withRole('viewer');
    expect(await addresses('', viewer)).toEqual(['ann@example.org']);
    expect(codeOf(await post({ address: 'ben@example.org' }, viewer))).toEqual([403, 'FORBIDDEN']);
    expect(codeOf(await viewer.send('DELETE', `/v1/suppressions/${id}`))).toEqual([403, 'FORBIDDEN']);
    expect(codeOf(await (await withRole('auditor')).send('GET', '/v1/suppressions'))).toEqual([403, 'FORBIDDEN']);
    const editor = await withRole('editor');
    expect((await editor.send('DELETE', `/v1/suppressions/${id}`)).status).toBe(204);
    const { body } = await api.send('GET', `/v1/audit?target=${id}`);
    const { items } = body as { items: { action: string }[] };
    expect(items.map(({ action }) => action)).toEqual(['suppression.delete', 'suppression.create']);
    expect(JSON.stringify(items)).not.toContain('example.org');
  });
});

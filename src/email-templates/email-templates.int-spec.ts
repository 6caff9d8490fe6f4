import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { TEMPLATE_LIMITS } from '#libs/email-templates';
import type { EmailTemplateId, IdSource, WorkspaceId } from '#libs/kernel';
import { TestApp, type Answer } from '../platform/testing/test-app.ts';
import { ID_SOURCE } from '../platform/tokens.ts';
import { WorkflowUsage, type UsingWorkflow } from '../read-models/workflow-usage.ts';
import type { TemplateView } from './email-templates.dto.ts';
import { StoredTemplate } from './email-templates.entities.ts';
import { EmailTemplatesModule } from './email-templates.module.ts';
import { MAX_TEMPLATE_VERSIONS, MAX_TEMPLATES } from './write-template.ts';

const USED: UsingWorkflow[] = [];

@Injectable()
class UsageOfTheSpec extends WorkflowUsage {
  workflowsUsing = async (): Promise<UsingWorkflow[]> => USED;
}

const HTML = { subject: 'Order {{ order.no }}', format: 'html', source: '<p>Dear {{ name }}</p>' };
const MJML = {
  subject: 'Order {{ order.no }}',
  format: 'mjml',
  source:
    '<mjml><mj-body><mj-section><mj-column><mj-text>Dear {{ name }}</mj-text></mj-column></mj-section></mj-body></mjml>',
};
const PATH = '/v1/email-templates';

describe('email templates', () => {
  let app: TestApp;
  let owner: { token: string; workspaceId: WorkspaceId };
  let count = 0;

  beforeAll(async () => {
    app = await TestApp.start({ features: [EmailTemplatesModule.forRoot(UsageOfTheSpec)] });
  });
  beforeEach(async () => {
    USED.length = 0;
    owner = await register();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  async function register(): Promise<typeof owner> {
    const body = { email: `person${++count}@example.com`, password: 'correct horse battery' };
    const answer = await app.call('POST', '/v1/auth/register', { body });
    const { accessToken, workspace } = answer.body as { accessToken: string; workspace: { id: WorkspaceId } };
    return { token: accessToken, workspaceId: workspace.id };
  }
  const call = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> => app.call(method, url, { token: owner.token, headers, ...(body ? { body } : {}) });
  const create = async (body: object): Promise<TemplateView> => {
    const answer = await call('POST', PATH, body);
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body as TemplateView;
  };
  const put = (id: string, body: object, version: number): Promise<Answer> =>
    call('PUT', `${PATH}/${id}`, body, { 'if-match': `"${version}"` });
  const told = ({ status, body }: Answer) => [status, (body as { code?: string }).code];

  it('are created as version 1, with what they take from the data', async () => {
    const answer = await call('POST', PATH, { name: ' Order ', ...MJML });
    const view = answer.body as TemplateView;
    expect(answer).toMatchObject({ status: 201, headers: { etag: '"1"', location: `${PATH}/${view.id}` } });
    expect(view).toEqual({
      ...{ id: expect.stringMatching(/^tpl_/) as string, name: 'Order', version: 1, ...MJML, text: null },
      ...{ variables: ['name', 'order.no'], createdAt: '2026-06-01T12:00:00.000Z', updatedAt: view.createdAt },
    });
    expect(await call('GET', `${PATH}/${view.id}`)).toMatchObject({
      status: 200,
      body: view,
      headers: { etag: '"1"' },
    });
    const known = await call('GET', `${PATH}/${view.id}`, undefined, { 'if-none-match': '"1"' });
    expect([known.status, known.body]).toEqual([304, '']);
  });

  it('tell what is wrong with them, with the line', async () => {
    const wrong = { name: 'x', subject: 'Dear {{ name', format: 'html', source: 'one\n{% if a %}', text: '{% nope %}' };
    const answer = await call('POST', PATH, wrong);
    expect(told(answer)).toEqual([422, 'INVALID_EMAIL_TEMPLATE']);
    const { errors } = answer.body as { errors: { path: string; message: string }[] };
    expect(new Set(errors.map(({ path }) => path))).toEqual(new Set(['subject', 'source', 'text']));
    expect(errors.find(({ path }) => path === 'source')?.message).toMatch(/^line 2: /);
    const mjml = {
      name: 'x',
      subject: 's',
      format: 'mjml',
      source: '<mjml>\n<mj-body>\n<mj-nope></mj-nope></mj-body></mjml>',
    };
    expect(await call('POST', PATH, mjml)).toMatchObject({
      status: 422,
      body: {
        code: 'INVALID_EMAIL_TEMPLATE',
        errors: [{ path: 'source', message: expect.stringMatching(/^line 3: /) as string }],
      },
    });
  });

  it('may have sources as large as the limit, and no larger ones', async () => {
    const source = '"'.repeat(TEMPLATE_LIMITS.sourceBytes);
    const view = await create({ name: 'Large', ...HTML, source, text: source });
    expect((await call('GET', `${PATH}/${view.id}`)).body).toMatchObject({ source, text: source });
    expect(told(await call('POST', PATH, { name: 'x', ...HTML, source: `${source}"` }))).toEqual([
      400,
      'INVALID_REQUEST',
    ]);
    expect(told(await call('POST', PATH, { name: 'x', ...HTML, source: source.replace('"', 'ä') }))).toEqual([
      422,
      'INVALID_EMAIL_TEMPLATE',
    ]);
  });

  it('have names that nobody else has in the workspace', async () => {
    await create({ name: 'Order', ...HTML });
    const other = await create({ name: 'Invoice', ...HTML });
    expect(told(await call('POST', PATH, { name: 'Order', ...HTML }))).toEqual([409, 'EMAIL_TEMPLATE_NAME_TAKEN']);
    expect(told(await put(other.id, { name: 'Order', ...HTML }, 1))).toEqual([409, 'EMAIL_TEMPLATE_NAME_TAKEN']);
    owner = await register();
    await create({ name: 'Order', ...HTML });
  });

  it('are one template for one wish, however often it is sent', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await call('POST', PATH, { name: 'Order', ...HTML }, headers);
    const again = await call('POST', PATH, { name: 'Order', ...HTML }, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
  });

  describe('get versions', () => {
    it('that never change, and none when nothing changed', async () => {
      const first = await create({ name: 'Order', ...HTML });
      app.clock.now += 60_000;
      const answer = await put(first.id, { name: 'Orders', ...HTML, text: 'Dear {{ name }}' }, 1);
      expect(answer).toMatchObject({ status: 200, headers: { etag: '"2"' } });
      const second = answer.body as TemplateView;
      expect(second).toEqual({
        ...first,
        ...{ name: 'Orders', version: 2, text: 'Dear {{ name }}', updatedAt: new Date(app.clock.now).toISOString() },
      });
      const same = await put(first.id, { name: 'Orders', ...HTML, text: 'Dear {{ name }}' }, 2);
      expect([same.status, same.headers.etag, same.body]).toEqual([200, '"2"', second]);
      const { updatedAt: _, id: _id, ...written } = first;
      expect((await call('GET', `${PATH}/${first.id}/versions/1`)).body).toEqual(written);
      expect((await call('GET', `${PATH}/${first.id}/versions?limit=1`)).body).toEqual({
        items: [{ version: 2, name: 'Orders', createdAt: second.updatedAt }],
        nextCursor: '2',
      });
      expect((await call('GET', `${PATH}/${first.id}/versions?cursor=2`)).body).toEqual({
        items: [{ version: 1, name: 'Order', createdAt: first.createdAt }],
        nextCursor: null,
      });
      expect(told(await call('GET', `${PATH}/${first.id}/versions/3`))).toEqual([
        404,
        'EMAIL_TEMPLATE_VERSION_NOT_FOUND',
      ]);
      expect((await call('GET', PATH)).body).toEqual({
        items: [
          {
            ...{ id: first.id, name: 'Orders', version: 2 },
            ...{ createdAt: first.createdAt, updatedAt: second.updatedAt },
          },
        ],
        nextCursor: null,
      });
    });

    it('only of who knows the latest', async () => {
      const { id } = await create({ name: 'Order', ...HTML });
      expect(told(await call('PUT', `${PATH}/${id}`, { name: 'x', ...HTML }))).toEqual([428, 'IF_MATCH_REQUIRED']);
      expect(told(await call('PUT', `${PATH}/${id}`, { name: 'x', ...HTML }, { 'if-match': '*' }))).toEqual([
        412,
        'IF_MATCH_NO_MATCH',
      ]);
      expect(told(await put(id, { name: 'x', ...HTML }, 2))).toEqual([412, 'EMAIL_TEMPLATE_CHANGED']);
      const both = await Promise.all(['a', 'b'].map((name) => put(id, { name, ...MJML }, 1)));
      expect(both.map(told).toSorted()).toEqual([
        [200, undefined],
        [412, 'EMAIL_TEMPLATE_CHANGED'],
      ]);
    });

    it('up to a limit', async () => {
      const { id } = await create({ name: 'Order', ...HTML });
      const em = app.nest.get(EntityManager).fork();
      const latestVersion = MAX_TEMPLATE_VERSIONS;
      await em.execute('update email_template_versions set version = ? where template_id = ?', [latestVersion, id]);
      await em.nativeUpdate(StoredTemplate, { id: id as EmailTemplateId }, { latestVersion });
      expect(told(await put(id, { name: 'Order', ...MJML }, latestVersion))).toEqual([
        422,
        'EMAIL_TEMPLATE_VERSION_LIMIT_REACHED',
      ]);
    });
  });

  it('are so many and no more', async () => {
    const ids = app.nest.get<IdSource>(ID_SOURCE);
    const now = new Date(app.clock.now);
    const rows = Array.from({ length: MAX_TEMPLATES - 1 }, (_, index) => ({
      ...{ id: ids.newId('emailTemplate'), workspaceId: owner.workspaceId, name: `No. ${index}` },
      ...{ latestVersion: 1, createdAt: now, updatedAt: now },
    }));
    await app.nest.get(EntityManager).fork().insertMany(StoredTemplate, rows);
    const both = await Promise.all(['a', 'b'].map((name) => call('POST', PATH, { name, ...HTML })));
    expect(both.map(told).toSorted()).toEqual([
      [201, undefined],
      [422, 'EMAIL_TEMPLATE_LIMIT_REACHED'],
    ]);
  });

  describe('are previewed', () => {
    it('with what is missing left empty and told, at any version', async () => {
      const { id } = await create({ name: 'Order', ...HTML });
      await put(id, { name: 'Order', ...MJML }, 1);
      const data = { name: 'Ann & <Ben>' };
      const of = async (body: object) => call('POST', `${PATH}/${id}/preview`, body);
      expect(await of({ data, version: 1 })).toMatchObject({
        status: 200,
        body: {
          subject: 'Order',
          html: '<p>Dear Ann &amp; &lt;Ben&gt;</p>',
          text: 'Dear Ann & <Ben>',
          missing: ['order.no'],
          version: 1,
        },
      });
      expect(await of({ data: { ...data, order: { no: 7 } } })).toMatchObject({
        status: 200,
        body: {
          subject: 'Order 7',
          html: expect.stringContaining('Dear Ann &amp; &lt;Ben&gt;') as string,
          missing: [],
          version: 2,
        },
      });
      expect(await of({ data, missing: 'refuse' })).toMatchObject({
        status: 422,
        body: { code: 'TEMPLATE_VARIABLE_MISSING', errors: [{ path: 'data.order.no' }] },
      });
      expect(told(await of({ data, version: 3 }))).toEqual([404, 'EMAIL_TEMPLATE_VERSION_NOT_FOUND']);
    });

    it('without being stored', async () => {
      const answer = await call('POST', `${PATH}/preview`, { ...HTML, data: { name: 'Ann' } });
      expect([answer.status, answer.body]).toEqual([
        200,
        { subject: 'Order', html: '<p>Dear Ann</p>', text: 'Dear Ann', missing: ['order.no'], version: null },
      ]);
      expect((await call('GET', PATH)).body).toEqual({ items: [], nextCursor: null });
      expect(told(await call('POST', `${PATH}/preview`, { ...HTML, source: '{% if %}', data: {} }))).toEqual([
        422,
        'INVALID_EMAIL_TEMPLATE',
      ]);
    });

    it.each([
      ['{% for n in (1..99999999) %}a{% endfor %}', 'TEMPLATE_RENDER_FAILED'],
      ['{% for n in (1..3000) %}{{ name }}{% endfor %}', 'TEMPLATE_TOO_LARGE'],
    ])('with %s: %s', async (source, code) => {
      const answer = await call('POST', `${PATH}/preview`, {
        ...HTML,
        source,
        data: { name: '1'.repeat(1_000), order: { no: 1 } },
      });
      expect([told(answer), (answer.body as { errors: unknown }).errors]).toEqual([
        [422, code],
        [expect.objectContaining({ path: 'source' })],
      ]);
    });
  });

  it('are deleted with their versions, unless an active workflow uses them', async () => {
    const { id } = await create({ name: 'Order', ...HTML });
    USED.push({ id: 'wf_1', name: 'Sends' });
    expect(await call('DELETE', `${PATH}/${id}`)).toMatchObject({
      status: 409,
      body: {
        code: 'EMAIL_TEMPLATE_IN_USE',
        errors: [{ path: 'wf_1', message: 'the active workflow "Sends" uses it' }],
      },
    });
    USED.length = 0;
    expect((await call('DELETE', `${PATH}/${id}`)).status).toBe(204);
    for (const url of [`${PATH}/${id}`, `${PATH}/${id}/versions`, `${PATH}/${id}/versions/1`])
      expect(told(await call('GET', url))).toEqual([404, 'EMAIL_TEMPLATE_NOT_FOUND']);
    expect(told(await call('DELETE', `${PATH}/${id}`))).toEqual([404, 'EMAIL_TEMPLATE_NOT_FOUND']);
    const rows = await app.nest
      .get(EntityManager)
      .fork()
      .execute('select from email_template_versions where template_id = ?', [id]);
    expect(rows).toEqual([]);
  });

  it('are of one workspace', async () => {
    const { id } = await create({ name: 'Order', ...HTML });
    owner = await register();
    const answers = [
      await call('GET', `${PATH}/${id}`),
      await call('GET', `${PATH}/${id}/versions`),
      await call('GET', `${PATH}/${id}/versions/1`),
      await put(id, { name: 'x', ...HTML }, 1),
      await call('POST', `${PATH}/${id}/preview`, { data: {} }),
      await call('DELETE', `${PATH}/${id}`),
    ];
    expect(answers.map(told)).toEqual(answers.map(() => [404, 'EMAIL_TEMPLATE_NOT_FOUND']));
  });
});

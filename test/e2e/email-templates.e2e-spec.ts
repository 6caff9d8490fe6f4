import { startSmtpServer, type TestSmtpServer } from '#libs/outbound-mail/testing';
import PostalMime from 'postal-mime';
import type { TemplateView } from '../../src/email-templates/email-templates.dto.ts';
import { Api, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';

const SHIPPED = {
  name: 'Order is on its way',
  subject: 'Order {{ order.no }}',
  format: 'mjml',
  source: `<mjml><mj-body><mj-section><mj-column>
    <mj-text>Dear {{ customer.name | default: "customer" }}</mj-text>
    <mj-table>{% for item in order.items %}<tr><td>{{ item.name }}</td><td>{{ item.pieces }}</td></tr>{% endfor %}</mj-table>
    <mj-button href="{{ order.url }}">Follow it</mj-button>
  </mj-column></mj-section></mj-body></mjml>`,
};
const ORDER = {
  no: 7,
  url: 'https://example.com/7?a=1&b=2',
  items: [
    { name: 'Pen & ink', pieces: 2 },
    { name: '<b>Paper</b>', pieces: 500 },
  ],
};
const NEWS = {
  name: 'News',
  subject: 'News for {{ person.name }}',
  format: 'html',
  source: '<p>Dear {{ person.name }}</p><p><a href="{{ unsubscribeUrl }}">No more</a></p>',
};
const PATH = '/v1/email-templates';

describe('email templates', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let smtp: TestSmtpServer;
  let credentialId: string;

  beforeAll(async () => {
    [millrace, smtp] = await Promise.all([
      startMillrace({ publicUrl: 'https://millrace.example.com' }),
      startSmtpServer(),
    ]);
  }, 60_000);
  beforeEach(async () => {
    api = await Api.register(millrace.url);
    const data = { host: '127.0.0.1', port: smtp.port, secure: false };
    const { body } = await api.send('POST', '/v1/credentials', { json: { type: 'smtp', name: 'Mail', data } });
    credentialId = (body as { id: string }).id;
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await smtp[Symbol.asyncDispose]();
  });

  const told = ({ status, body }: Reply) => [status, (body as { code?: string }).code];
  const create = async (json: object): Promise<TemplateView> => {
    const { status, body } = await api.send('POST', PATH, { json });
    expect(status).toBe(201);
    return body as TemplateView;
  };
  const put = (id: string, json: object, version: number) =>
    api.send('PUT', `${PATH}/${id}`, { json, headers: { 'if-match': `"${version}"` } });
  const sending = (to: string, template: object, more: object = {}) => ({
    type: 'email.send',
    config: { credentialId, from: 'shop@example.com', to, template, ...more },
  });
  const graphOf = (node: object) => manualGraph({ send: node }, ['start>send']);
  const start = async (workflowId: string, input: unknown = {}): Promise<string> => {
    const { status, body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input } });
    expect(status).toBe(202);
    return (body as { executionId: string }).executionId;
  };
  const mailsTo = (isOne: (address: string) => boolean) =>
    Promise.all(
      smtp.mails
        .filter(({ envelope }) => isOne(envelope.rcptTo[0]?.address ?? ''))
        .map(async ({ raw }) => PostalMime.parse(raw)),
    );

  it('are written, previewed, sent by a workflow, and stay while it is active', async () => {
    const template = await create(SHIPPED);
    const { id } = template;
    expect(template).toMatchObject({
      version: 1,
      variables: ['customer.name', 'order.items', 'order.no', 'order.url'],
    });
    const preview = await api.send('POST', `${PATH}/${id}/preview`, { json: { data: { order: { items: [] } } } });
    expect(preview).toMatchObject({
      status: 200,
      body: { subject: 'Order', missing: ['order.no', 'order.url'], version: 1 },
    });

    const workflowId = await api.create(
      graphOf(
        sending('ann@example.org', { id, data: { order: '{{ trigger.body.order }}', customer: { name: 'Ann' } } }),
      ),
    );
    const { output, status } = await api.ended(await start(workflowId, { order: ORDER }));
    expect([status, output]).toEqual([
      'succeeded',
      expect.objectContaining({
        template: { id, version: 1 },
        recipients: [expect.objectContaining({ outcome: 'accepted' })],
      }),
    ]);
    const [mail] = await mailsTo((address) => address === 'ann@example.org');
    expect(mail?.subject).toBe('Order 7');
    expect(mail?.html).toContain('Pen &amp; ink');
    expect(mail?.html).toContain('&lt;b&gt;Paper&lt;/b&gt;');
    expect(mail?.html).toContain('href="https://example.com/7?a=1&amp;b=2"');
    expect(mail?.text).toContain('Dear Ann');
    expect(mail?.text).toMatch(/^<b>Paper<\/b> +500$/m);
    expect(mail?.text).toContain('Follow it [https://example.com/7?a=1&b=2]');

    expect(await put(id, { ...SHIPPED, subject: 'Your order {{ order.no }}' }, 1)).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
    expect(told(await put(id, SHIPPED, 1))).toEqual([412, 'EMAIL_TEMPLATE_CHANGED']);
    expect((await api.send('GET', `${PATH}/${id}/versions/1`)).body).toMatchObject({
      version: 1,
      subject: SHIPPED.subject,
    });

    expect((await api.send('POST', `/v1/workflows/${workflowId}/activate`)).status).toBe(200);
    const inUse = await api.send('DELETE', `${PATH}/${id}`);
    expect([told(inUse), (inUse.body as { errors: unknown }).errors]).toEqual([
      [409, 'EMAIL_TEMPLATE_IN_USE'],
      [{ path: workflowId, message: 'the active workflow "Test graph" uses it' }],
    ]);
    expect((await api.send('POST', `/v1/workflows/${workflowId}/deactivate`)).status).toBe(200);
    expect((await api.send('DELETE', `${PATH}/${id}`)).status).toBe(204);
    const activated = await api.send('POST', `/v1/workflows/${workflowId}/activate`);
    expect([told(activated), (activated.body as { errors: unknown }).errors]).toEqual([
      [422, 'INVALID_WORKFLOW'],
      [{ path: 'nodes[1].config.template.id', message: `there is no email template "${id}"` }],
    ]);
  });

  it('are named by workflows as they are there', async () => {
    const { id } = await create(SHIPPED);
    const refused = async (node: object): Promise<unknown> => {
      const reply = await api.send('POST', '/v1/workflows', { json: graphOf(node) });
      expect(told(reply)).toEqual([422, 'INVALID_WORKFLOW']);
      return (reply.body as { errors: { path: string }[] }).errors.map(({ path }) => path);
    };
    expect(await refused(sending('ann@example.org', { id: 'tpl_none' }))).toEqual(['nodes[1].config.template.id']);
    expect(await refused(sending('ann@example.org', { id, version: 2 }))).toEqual(['nodes[1].config.template.version']);
    const loop = { type: 'forEach', config: { items: [1], node: sending('{{ item }}', { id: 'tpl_none' }) } };
    expect(await refused(loop)).toEqual(['nodes[1].config.node.config.template.id']);
    expect(await refused(sending('ann@example.org', { id }, { html: '<p>' }))).toEqual(['nodes[1].config.html']);
    const theirs = { id };
    api = await Api.register(millrace.url);
    expect(await refused(sending('ann@example.org', theirs))).toContain('nodes[1].config.template.id');
  });

  it('fail for good, by name, where the data has not all that they take, or they are not there', async () => {
    const { id } = await create(SHIPPED);
    const node = (template: object) => ({
      ...sending('nobody@example.org', template),
      retry: { maxAttempts: 5, initialMs: 10 },
    });
    const failed = async (template: object) => {
      const workflowId = await api.create(graphOf(node(template)));
      return api.ended(await start(workflowId, { which: 'tpl_none' }));
    };
    expect(await failed({ id, data: { order: { items: [{ name: 'Pen' }] } } })).toMatchObject({
      status: 'failed',
      error: {
        code: 'EMAIL_TEMPLATE_VARIABLE_MISSING',
        attempt: 1,
        message: expect.stringContaining('order.no') as string,
        details: { missing: ['order.no', 'item.pieces', 'order.url'] },
      },
    });
    expect(await failed({ id: '{{ trigger.body.which }}' })).toMatchObject({
      status: 'failed',
      error: { code: 'EMAIL_TEMPLATE_NOT_FOUND', attempt: 1 },
    });
    expect(await mailsTo((address) => address === 'nobody@example.org')).toEqual([]);
  });

  it('are sent to 200 people, each with their own words and their own link', async () => {
    const { id } = await create(NEWS);
    const people = Array.from({ length: 200 }, (_, n) => ({
      name: `Person & ${n}`,
      address: `person-${n}@news.example`,
    }));
    const template = { id, data: { person: '{{ item }}' } };
    const node = sending('{{ item.address }}', template, { unsubscribe: { topic: 'news' } });
    const workflowId = await api.create(
      graphOf({ type: 'forEach', config: { items: '{{ trigger.body }}', concurrency: 32, node } }),
    );
    const { output, status } = await api.ended(await start(workflowId, people), 30_000);
    expect([status, (output as { errors: unknown }).errors]).toEqual(['succeeded', []]);
    const mails = await mailsTo((address) => address.endsWith('@news.example'));
    expect(mails).toHaveLength(200);
    const links = new Set<string | undefined>();
    for (const { to = [], subject, html = '', headers } of mails) {
      const [n] = /\d+/.exec(JSON.stringify(to)) ?? [];
      expect(subject).toBe(`News for Person & ${n}`);
      expect(html).toContain(`<p>Dear Person &amp; ${n}</p>`);
      const [, url] = /href="([^"]+)"/.exec(html) ?? [];
      expect(headers.find(({ key }) => key === 'list-unsubscribe')?.value).toBe(`<${url}>`);
      links.add(url);
    }
    expect(links.size).toBe(200);
  });
});

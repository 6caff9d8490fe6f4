import type { Credential } from '#libs/credential-types';
import { compileTemplate, type TemplateSource } from '#libs/email-templates';
import type { JsonObject } from '#libs/kernel';
import { createOutboundMail } from '#libs/outbound-mail';
import { startSmtpServer, type TestSmtpServer } from '#libs/outbound-mail/testing';
import PostalMime from 'postal-mime';
import { refusedAtPublish, runNode } from '../testing/run-nodes.ts';
import { emailSendNode } from './email-send.ts';
import { InMemoryMailRecords } from './testing/in-memory-mail-records.ts';
import { InMemoryMailTemplates } from './testing/in-memory-mail-templates.ts';

const BARE = { credentialId: 'cr_1', from: 'shop@example.com', to: ['ann@example.org'] };

describe('email.send with a template is made of', () => {
  const clock = { nowMs: (): number => Date.UTC(2026, 10, 29) };
  const outbound = createOutboundMail({ allowPrivateNetwork: true, clock });
  const mailTemplates = new InMemoryMailTemplates();
  let mailRecords: InMemoryMailRecords;
  let server: TestSmtpServer;
  beforeEach(async () => {
    mailRecords = new InMemoryMailRecords();
    server = await startSmtpServer();
  });
  afterEach(() => server[Symbol.asyncDispose]());
  afterAll(() => outbound[Symbol.asyncDispose]());
  const node = () => emailSendNode({ mail: outbound, mailRecords, mailTemplates, clock });
  const shipped: TemplateSource = {
    subject: 'Order {{ order.no }}',
    format: 'mjml',
    source: `<mjml><mj-body><mj-section><mj-column>
      {% for item in order.items %}<mj-text>{{ item }}</mj-text>{% endfor %}
      <mj-button href="{{ order.url }}">See it</mj-button>
    </mj-column></mj-section></mj-body></mjml>`,
  };
  const news: TemplateSource = {
    subject: 'News for {{ name }}',
    format: 'html',
    source: '<p>{{ name }}</p><a href="{{ unsubscribeUrl }}">No more</a>',
    text: '{{ name }}: {{ unsubscribeUrl }}',
  };
  beforeAll(async () => {
    mailTemplates.versions.set('tpl_shipped', [
      await compileTemplate({ ...shipped, subject: 'Old' }),
      await compileTemplate(shipped),
    ]);
    mailTemplates.versions.set('tpl_news', [await compileTemplate(news)]);
  });
  const ofTemplate = (template: JsonObject, config: JsonObject = {}, given: Parameters<typeof runNode>[2] = {}) => {
    const data = { host: '127.0.0.1', port: server.port, secure: false };
    const credential: Credential<'smtp'> = { type: 'smtp', id: 'cr_1', allowedHosts: [], data };
    return runNode(node(), { ...BARE, ...config, template }, { ...given, credentials: [credential] });
  };
  const order = { no: 7, items: ['Pen & ink', '<Paper>'], url: 'https://example.com/7?a=1&b=2' };
  const mailTo = async (address: string) => {
    const found = server.mails.find(({ envelope }) => envelope.rcptTo[0]?.address === address);
    return PostalMime.parse(found?.raw ?? '');
  };

  it('the latest, with a text part, and with its data escaped', async () => {
    const output = await ofTemplate(
      { id: 'tpl_shipped', data: { order } },
      { to: ['ann@example.org', 'ben@example.org'] },
    );
    expect(output).toMatchObject({
      template: { id: 'tpl_shipped', version: 2 },
      recipients: [{ outcome: 'accepted' }, { outcome: 'accepted' }],
    });
    expect(server.mails).toHaveLength(1);
    const { subject, html, text } = await mailTo('ann@example.org');
    expect(subject).toBe('Order 7');
    expect(html).toContain('Pen &amp; ink');
    expect(html).toContain('href="https://example.com/7?a=1&amp;b=2"');
    expect(text).toContain('<Paper>');
    expect(text).toContain('https://example.com/7?a=1&b=2');
  });

  it('or the version that is named', async () => {
    expect(await ofTemplate({ id: 'tpl_shipped', version: 1, data: { order } })).toMatchObject({
      template: { version: 1 },
    });
    expect((await mailTo('ann@example.org')).subject).toBe('Old');
  });

  it('of what is there', async () => {
    const terminal = { code: 'EMAIL_TEMPLATE_NOT_FOUND', options: { retryable: false } };
    await expect(ofTemplate({ id: 'tpl_none' })).rejects.toMatchObject(terminal);
    await expect(ofTemplate({ id: 'tpl_shipped', version: 3 })).rejects.toMatchObject(terminal);
  });

  it('names all that its data does not have, and sends nothing; unless it may be empty', async () => {
    await expect(ofTemplate({ id: 'tpl_shipped', data: { order: { items: [] } } })).rejects.toMatchObject({
      code: 'EMAIL_TEMPLATE_VARIABLE_MISSING',
      message: expect.stringContaining('order.no, order.url') as string,
      options: { retryable: false, details: { missing: ['order.no', 'order.url'] } },
    });
    expect([server.connections(), mailRecords.told]).toEqual([0, []]);
    await ofTemplate({ id: 'tpl_shipped', data: { order: { items: [] } }, missing: 'empty' });
    expect((await mailTo('ann@example.org')).subject).toBe('Order');
  });

  it('of which each recipient has a link of its own', async () => {
    const people = ['ann@example.org', 'ben@example.org'];
    const config = { to: people, unsubscribe: { topic: 'news' } };
    await ofTemplate({ id: 'tpl_news', data: { name: 'You', unsubscribeUrl: 'https://example.com/not-this' } }, config);
    for (const [address, name] of [
      ['ann@example.org', 'ann'],
      ['ben@example.org', 'ben'],
    ] as const) {
      const { html, text, headers } = await mailTo(address);
      const url = `https://millrace.example.com/unsubscribe/${name}`;
      expect(html).toContain(`href="${url}"`);
      expect(text?.trim()).toBe(`You: ${url}`);
      expect(headers.find(({ key }) => key === 'list-unsubscribe')?.value).toBe(`<${url}>`);
    }
  });

  it('for which nobody is noted when it can not be made', async () => {
    const failing = ofTemplate({ id: 'tpl_news' }, { unsubscribe: { topic: 'news' } });
    await expect(failing).rejects.toMatchObject({
      code: 'EMAIL_TEMPLATE_VARIABLE_MISSING',
      options: { details: { missing: ['name'] } },
    });
    expect(mailRecords.told).toEqual([]);
  });

  it('and fails for good when that takes too much', async () => {
    const source = '{% for n in (1..99999999) %}a{% endfor %}';
    mailTemplates.versions.set('tpl_endless', [await compileTemplate({ subject: 's', format: 'html', source })]);
    await expect(ofTemplate({ id: 'tpl_endless' })).rejects.toMatchObject({
      code: 'EMAIL_TEMPLATE_RENDER_FAILED',
      options: { retryable: false, details: { problems: [{ path: 'source' }] } },
    });
  });

  it('is told once when a workflow names it beside a content', () => {
    const config = { ...BARE, subject: 's', text: 't', to: '{{ trigger.body.to }}', template: { id: 'tpl_1' } };
    const message = 'is given twice: the mails of a template have one from there';
    expect(refusedAtPublish(node(), config)).toEqual([`subject: ${message}`, `text: ${message}`]);
    expect(refusedAtPublish(node(), { ...config, to: 'ann@example.org' })).toEqual([
      `subject: ${message}`,
      `text: ${message}`,
    ]);
    expect(
      refusedAtPublish(node(), { ...BARE, template: { id: '{{ vars.which }}', data: { a: '{{ item.a }}' } } }),
    ).toEqual([]);
  });
});

import { toInstant } from '#libs/kernel';
import type { EmailTemplateError } from './errors.ts';
import { renderTemplate } from './render-template.ts';
import type { CompiledTemplate, RenderOptions, TemplateData } from './types.ts';

const template = (given: Partial<CompiledTemplate>): CompiledTemplate => ({
  subject: 'Hello',
  html: '<p></p>',
  variables: [],
  ...given,
});
const render = (
  given: Partial<CompiledTemplate>,
  data: TemplateData = {},
  options: RenderOptions = { missing: 'refuse' },
) => renderTemplate(template(given), data, options);
const failing = (given: Partial<CompiledTemplate>, data?: TemplateData, options?: RenderOptions) => {
  try {
    render(given, data, options);
    return undefined;
  } catch (error) {
    return error as EmailTemplateError;
  }
};

describe('renderTemplate', () => {
  it('gives subject, HTML and text', () => {
    const parts = { subject: 'Order {{ no }}', html: '<p>{{ name }}</p>', text: 'Dear {{ name }}' };
    expect(render(parts, { no: 7, name: 'Ann & "Ben"' })).toEqual({
      subject: 'Order 7',
      html: '<p>Ann &amp; &#34;Ben&#34;</p>',
      text: 'Dear Ann & "Ben"',
      missing: [],
    });
  });

  describe('escapes in HTML', () => {
    it.each([
      ['markup', '<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
      ['quotes', `" ' &`, '&#34; &#39; &amp;'],
    ])('%s', (_what, value, expected) => {
      const html = '{{ v }}|{% capture c %}{{ v }}{% endcapture %}{% echo v %}|{{ v | append: "" }}';
      expect(render({ html }, { v: value }).html).toBe([expected, expected, expected].join('|'));
    });

    it('once, unless the last filter is raw', () => {
      expect(render({ html: '{{ v | escape }}{{ v | raw }}{{ v | raw | append: "" }}' }, { v: '<' }).html).toBe(
        '&amp;lt;<&lt;',
      );
    });

    it('and not in subjects and texts', () => {
      expect(render({ subject: '{{ v }}', text: '{{ v }}' }, { v: '<&' })).toMatchObject({ subject: '<&', text: '<&' });
    });
  });

  it('makes one line of a subject, whatever the data has', () => {
    const { subject } = render({ subject: '{{ v }} x' }, { v: ' a\r\nBcc: evil@example.org\u2028b\0\tc' });
    expect(subject).toBe('a Bcc: evil@example.org b c x');
  });

  describe('of variables that the data does not have', () => {
    const parts = {
      subject: '{{ no }}',
      html:
        '{{ a.b.c }}{{ a.d | upcase }}{% if x.y %}{{ never }}{% else %}{{ z }}{% endif %}{{ q | default: "d" }}{{ none.e }}' +
        '{% for i in items %}{{ i.name }}{{ i.price }}{% endfor %}{% for i in others %}{% endfor %}' +
        '{% unless u %}{% endunless %}{% case k %}{% when 1 %}{% endcase %}{% assign s = t %}{{ s }}{{ a.d }}',
      text: '{{ no }}{{ more }}',
    };
    const data: TemplateData = { a: {}, none: null, items: [{ name: 'one' }, { price: 2 }] };
    const missing = ['no', 'a.b.c', 'a.d', 'z', 'i.price', 'others', 't', 'more'];

    it('names all, each once, and not those with a default or that are asked about', () => {
      const error = failing(parts, data);
      expect(error).toMatchObject({ code: 'TEMPLATE_VARIABLE_MISSING', retryable: false });
      expect(error?.missing).toEqual(missing);
      expect(error?.message).toContain('a.b.c');
    });

    it('leaves them empty where that is wanted, and names them still', () => {
      const rendered = render(parts, data, { missing: 'empty' });
      expect(rendered).toMatchObject({ subject: '', html: 'done2', text: '' });
      expect(rendered.missing).toEqual(missing);
    });

    it('takes null, false, zero and nothing for what they are', () => {
      expect(render({ html: '{{ a }}{{ b }}{{ c }}{{ d }}' }, { a: null, b: false, c: 0, d: '' }).html).toBe('false0');
    });
  });

  it.each([
    'constructor',
    '__proto__',
    'a.constructor',
    'a.__proto__',
    'a["constructor"]["name"]',
    'toString',
    'list.map',
  ])('gives nothing of what every object has: %s', (path) => {
    const data = { a: {}, list: [1] };
    expect(render({ html: `{{ ${path} }}` }, data, { missing: 'empty' }).html).toBe('');
  });

  it('does not change the data, nor what comes after it', () => {
    const data = { a: { b: 1 } };
    const html =
      '{% assign __proto__ = a %}{% assign a = 2 %}{% capture constructor %}x{% endcapture %}{{ a }}{% increment b %}';
    expect(render({ html }, data, { missing: 'empty' }).html).toBe('20');
    expect(data).toEqual({ a: { b: 1 } });
    expect(Object.prototype).not.toHaveProperty('b');
    expect(failing({ html: '{{ b }}' }, {})).toMatchObject({ missing: ['b'] });
  });

  describe('of dates', () => {
    const html = '{{ at | date: "%Y-%m-%d %H:%M %z" }}';

    it('are in UTC and English, or in the zone that is named', () => {
      expect(render({ html }, { at: '2026-11-29T23:30:00+02:00' }).html).toBe('2026-11-29 21:30 +0000');
      const named = '{{ at | date: "%A %H:%M", "Asia/Tokyo" }}';
      expect(render({ html: named }, { at: '2026-11-29T23:30:00Z' }).html).toBe('Monday 08:30');
    });

    it('take now from the caller, and not from the machine', () => {
      const now = toInstant(Date.UTC(2026, 10, 29, 12));
      const parts = { html: '{{ "now" | date: "%Y-%m-%d" }} {{ "today" | date_to_xmlschema }}' };
      expect(render(parts, {}, { missing: 'refuse', now }).html).toBe('2026-11-29 2026-11-29T12:00:00+00:00');
      expect(failing(parts)).toMatchObject({
        code: 'TEMPLATE_RENDER_FAILED',
        problems: [{ path: 'source', line: 1 }, {}],
      });
    });
  });

  describe('of a template that wants too much', () => {
    const doubled = (body: string) =>
      `{% assign a = "xxxxxxxxxx" %}{% for i in (1..100) %}${body}{% endfor %}{{ a | size }}`;
    it.each<[string, string]>([
      ['a range of a thousand million', '{% for i in (1..1000000000) %}{{ i }}{% endfor %}'],
      [
        'ranges within ranges',
        '{% for i in (1..10000) %}{% for j in (1..10000) %}{% for k in (1..10000) %}{% endfor %}{% endfor %}{% endfor %}',
      ],
      ['text that doubles', doubled('{% assign a = a | append: a %}')],
      ['captures that double', doubled('{% capture a %}{{ a }}{{ a }}{% endcapture %}')],
      ['raw captures that double', doubled('{% capture a %}{{ a | raw }}{{ a | raw }}{% endcapture %}')],
      ['replacements that grow', doubled('{% assign a = a | replace: "x", "xxxxxxxxxx" %}')],
      ['encoding what is encoded', doubled('{% assign a = a | base64_encode | base64_encode | base64_encode %}')],
      [
        'lists that double',
        '{% assign a = (1..10) %}{% for i in (1..100) %}{% assign a = a | concat: a %}{% endfor %}',
      ],
      ['dates as wide as they come', '{{ "2026-11-29" | date: "%999999999Y" }}'],
      ['much of its own text', `{% for i in (1..1000000) %}${'x'.repeat(1_000)}{% endfor %}`],
      ['much of the data', '{% for i in (1..100000) %}{{ big }}{% endfor %}'],
      [
        'very many filters',
        `{% for i in (1..10000) %}{{ big | url_encode ${'| url_decode | url_encode '.repeat(2_000)} }}{% endfor %}`,
      ],
    ])('refuses %s', (_what, html) => {
      const before = process.memoryUsage.rss();
      const error = failing({ html }, { big: '%'.repeat(100_000) });
      expect(error?.code).toMatch(/^TEMPLATE_(RENDER_FAILED|TOO_LARGE)$/);
      expect(error?.problems[0]).toMatchObject({ path: 'source' });
      expect(process.memoryUsage.rss() - before).toBeLessThan(500 * 1_048_576);
    });

    it('refuses a subject that the data makes too long', () => {
      expect(failing({ subject: '{{ a }}' }, { a: 'x'.repeat(999) })).toMatchObject({
        code: 'TEMPLATE_TOO_LARGE',
        problems: [{ path: 'subject' }],
      });
    });
  });

  it('tells where a filter fails', () => {
    expect(failing({ html: '\n{{ a | url_decode }}' }, { a: '%' })).toMatchObject({
      code: 'TEMPLATE_RENDER_FAILED',
      problems: [{ path: 'source', line: 2, message: expect.stringContaining('URI') as unknown }],
    });
  });

  it('refuses what compileTemplate did not make', () => {
    expect(failing({ html: '{% if %}' })).toMatchObject({ code: 'TEMPLATE_INVALID' });
  });
});

import { compileTemplate } from './compile-template.ts';
import type { EmailTemplateError } from './errors.ts';
import { TEMPLATE_LIMITS } from './limits.ts';
import { renderTemplate } from './render-template.ts';
import type { TemplateData, TemplateSource } from './types.ts';

const column = (inner: string) => `<mj-section><mj-column>${inner}</mj-column></mj-section>`;
const mjml = (body: string, head = '') => `<mjml><mj-head>${head}</mj-head><mj-body>${body}</mj-body></mjml>`;
const compile = (given: Partial<TemplateSource>) =>
  compileTemplate({ subject: 'Hello', format: 'mjml', source: mjml(''), ...given });
const failing = (given: Partial<TemplateSource>) =>
  compile(given).then(
    () => undefined,
    (error: unknown) => error as EmailTemplateError,
  );
const problems = async (given: Partial<TemplateSource>) => (await failing(given))?.problems;
/** The body as it is rendered, without what is for Outlook alone. */
const bodyOf = async (source: string, data: TemplateData) => {
  const { html } = renderTemplate(await compile({ source }), data, { missing: 'refuse' });
  return html.slice(html.indexOf('<body')).replace(/<!--\[if[^]*?<!\[endif\]-->/g, '');
};
const count = (text: string, part: string) => text.split(part).length - 1;

describe('compileTemplate', () => {
  it('makes JSON of a template, and says what it takes from the data', async () => {
    const compiled = await compile({
      subject: 'Order {{ order.no }}',
      source: mjml(
        `{% for item in order.items %}${column('<mj-text>{{ item.name }} {{ customer["first name"] }}</mj-text>')}{% endfor %}`,
      ),
      text: '{% assign total = order.total %}{{ total }} {{ order.items[0].name }}',
    });
    expect(JSON.parse(JSON.stringify(compiled))).toEqual(compiled);
    expect(compiled).toMatchObject({ subject: 'Order {{ order.no }}', text: expect.any(String) as unknown });
    expect(compiled.html).toMatch(/^<!doctype html>/i);
    expect(compiled.variables).toEqual([
      "customer['first name']",
      'order.items',
      'order.items[0].name',
      'order.no',
      'order.total',
    ]);
  });

  it('takes HTML as it is', async () => {
    const source = '<P CLASS=x>{{ name }}<br><mj-text>';
    expect(await compile({ format: 'html', source })).toEqual({ subject: 'Hello', html: source, variables: ['name'] });
  });

  it('has readers fetch nothing that the template does not name', async () => {
    const { html } = await compile({ source: mjml(column('<mj-text>a</mj-text><mj-button href="b">c</mj-button>')) });
    expect(html.match(/https?:\/\/[^"')\s]+/g)).toEqual(['http://www.w3.org/1999/xhtml']);
  });

  describe('of Liquid in MJML', () => {
    it('keeps loops and conditions around sections, columns and elements, in a wrapper too', async () => {
      const rows = '{% for row in rows %}<mj-text>r{{ row }}</mj-text>{% endfor %}';
      const columns = `{% for c in columns %}<mj-column>${rows}</mj-column>{% endfor %}`;
      const sections = `{% if rows.size > 1 %}<mj-section>${columns}</mj-section>{% else %}${column('')}{% endif %}`;
      const source = mjml(
        `${sections}<mj-wrapper>{% for w in columns %}${column('<mj-text>w</mj-text>')}{% endfor %}</mj-wrapper>`,
      );
      const body = await bodyOf(source, { rows: [1, 2, 3], columns: [1, 2] });
      expect([count(body, '>r2<'), count(body, '>w<')]).toEqual([2, 2]);
      expect(count(body, '<table')).toBe(count(body, '</table>'));
      expect(count(body, '<div')).toBe(count(body, '</div>'));
    });

    it('keeps it in attributes, with quotes and angle brackets of its own', async () => {
      const source = mjml(
        column(
          `<mj-button href="{{ url | append: "?a=1&b=2" }}" background-color='{{ color | default: "red" }}'>Go</mj-button>` +
            `<mj-image src="{{ url }}/x.png" alt='{% if n > 1 %}"{{ n }}"{% endif %}' width="{{ width }}px" />`,
        ),
      );
      const body = await bodyOf(source, { url: 'https://example.com', n: 2, width: 50, color: null });
      expect(body).toContain('href="https://example.com?a=1&amp;b=2"');
      expect(body).toContain('background:red');
      expect(body).toContain('src="https://example.com/x.png"');
    });

    it('keeps it in texts, tables, titles, previews and styles', async () => {
      const head =
        '<mj-title>T{{ a }}</mj-title><mj-preview>P{{ a }}</mj-preview><mj-style>.x > b{color:{{ a }}}</mj-style>';
      const table =
        '<mj-table>{% for x in xs %}<tr {% if x > 1 %}class="big"{% endif %}><td>{{ x }}</td></tr>{% endfor %}</mj-table>';
      const text = '<mj-text>{% if a < b %}less & <b>more</b><br>{% endif %}{{ "<" }}</mj-text>';
      const { html } = renderTemplate(
        await compile({ source: mjml(column(table + text), head) }),
        { a: 1, b: 2, xs: [1, 2] },
        { missing: 'refuse' },
      );
      expect(html).toContain('<title>T1</title>');
      expect(html).toContain('P1</div>');
      expect(html).toContain('.x > b{color:1}');
      expect(html).toMatch(/<tr\s*><td>1<\/td><\/tr><tr\s+class="big"\s*><td>2<\/td><\/tr>/);
      expect(html).toContain('less & <b>more</b><br />&lt;');
    });

    it('keeps what stands before and behind the markup', async () => {
      const source = `{% assign x = y | upcase %}\n${mjml(column('<mj-text>{{ x }}</mj-text>'))}\n{% comment %}end{% endcomment %}`;
      expect(await bodyOf(source, { y: 'a' })).toContain('>A<');
    });

    it('does not mix it up with words that look like its place', async () => {
      const source = mjml(column('<mj-text>lqhole0z {{ a }} lqholex0z</mj-text>'));
      expect(await bodyOf(source, { a: 'A' })).toContain('>lqhole0z A lqholex0z<');
    });

    it.each<[string, string, RegExp]>([
      [
        'between attributes of MJML',
        '<mj-section {% if a %}padding="0"{% endif %}></mj-section>',
        /if a.* in the value of an attribute/,
      ],
      ['as an attribute of MJML', '<mj-section {{ a }}></mj-section>', /in the value of an attribute/],
      [
        'in a list of links',
        column('<mj-navbar>\n{% for a in b %}{% endfor %}</mj-navbar>'),
        /for a in b.*<mj-navbar>/,
      ],
      [
        'around what does not nest',
        '{% if a %}<mj-section>{% else %}<mj-section padding="0">{% endif %}</mj-section>',
        /not closed|must be closed/,
      ],
      [
        'around attributes that exclude each other',
        column('<mj-text><p {% if a %}class="x"{% else %}class="y"{% endif %}></p></mj-text>'),
        /class stands twice/,
      ],
    ])('refuses it %s', async (_what, body, message) => {
      expect(await problems({ source: mjml(`\n${body}`) })).toEqual(
        expect.arrayContaining([
          { path: 'source', line: expect.any(Number) as unknown, message: expect.stringMatching(message) as unknown },
        ]),
      );
    });
  });

  it.each<[string, Partial<TemplateSource>, object[]]>([
    [
      'all errors of Liquid, with their lines',
      {
        subject: '{{ a | foo }}',
        format: 'html',
        source:
          '{% if %}\n{{ x | nofilter }}\n{% include "a" %}{% render "a" %}\n{% layout "a" %}{% liquid\n echo a %}',
        text: '\n\n{% for x in y %}',
      },
      [
        { path: 'subject', line: 1, message: 'undefined filter: foo' },
        { path: 'source', line: 1 },
        { path: 'source', line: 2, message: 'undefined filter: nofilter' },
        { path: 'source', line: 3, message: 'there is no tag "include" in templates of mails' },
        { path: 'source', line: 3, message: 'there is no tag "render" in templates of mails' },
        { path: 'source', line: 4, message: 'there is no tag "layout" in templates of mails' },
        { path: 'source', line: 4, message: 'there is no tag "liquid" in templates of mails' },
        { path: 'text', line: 3, message: 'tag {% for x in y %} not closed' },
      ],
    ],
    ['an output that never ends', { format: 'html', source: 'a\n{{ b' }, [{ path: 'source', line: 2 }]],
    ['a subject of two lines', { subject: 'a\nb' }, [{ path: 'subject', message: 'it must be one line' }]],
    ['no subject', { subject: ' ' }, [{ path: 'subject', message: 'it is empty' }]],
    [
      'HTML in the place of MJML',
      { source: '<html></html>' },
      [{ path: 'source', message: 'it must begin with <mjml>' }],
    ],
    ['nothing in the place of MJML', { source: '' }, [{ path: 'source', message: 'it must begin with <mjml>' }]],
    ['words before MJML', { source: `hello ${mjml('')}` }, [{ path: 'source', line: 1 }]],
    [
      'another file',
      { source: mjml('\n{{ "\n" }}<mj-include path="/etc/passwd" />') },
      [{ path: 'source', line: 3, message: 'mj-include is not there: a template has no other files' }],
    ],
    [
      'an element that is not there',
      { source: mjml('\n<mj-secton/>') },
      [{ path: 'source', line: 2, message: 'MJML has no <mj-secton>' }],
    ],
    [
      'elements that do not nest',
      { source: '<mjml><mj-body>\n<mj-section>\n</mj-column></mj-body></mjml>' },
      [{ path: 'source', line: 3, message: '</mj-column> stands where <mj-section> must be closed' }],
    ],
    [
      'an element that is not closed',
      { source: '<mjml>\n<mj-body>' },
      [{ path: 'source', line: 2, message: '<mj-body> is not closed' }],
    ],
    ['a comment that is not closed', { source: mjml('\n<!-- a') }, [{ path: 'source', line: 2 }]],
    [
      'an attribute without quotes',
      { source: mjml('\n{{ "ü\n" }}ü<mj-section padding=0 />') },
      [{ path: 'source', line: 3 }],
    ],
    [
      'a bare angle bracket',
      { source: mjml(column('<mj-text>\nüü{{ a }} 1 < 2</mj-text>')) },
      [{ path: 'source', line: 2 }],
    ],
    [
      'an element where MJML takes none',
      { source: mjml(column('<mj-social>\nü\n<mj-text/></mj-social>')) },
      [{ path: 'source', line: 1 }],
    ],
  ])('tells of %s', async (_what, given, expected) => {
    const error = await failing(given);
    expect(error).toMatchObject({ name: 'EmailTemplateError', code: 'TEMPLATE_INVALID', retryable: false });
    expect(error?.problems).toHaveLength(expected.length);
    expect(error?.problems).toMatchObject(expected);
  });

  describe('of what is too large', () => {
    const { sourceBytes, subjectLength, liquidTokens, liquidDepth } = TEMPLATE_LIMITS;

    it('takes what is just not', async () => {
      const source = 'ü'.repeat(sourceBytes / 2);
      await compile({ format: 'html', source, subject: 'x'.repeat(subjectLength), text: source });
      await compile({ format: 'html', source: '{{ a }}'.repeat(liquidTokens) });
      await compile({ format: 'html', source: '{% if a %}'.repeat(liquidDepth) + '{% endif %}'.repeat(liquidDepth) });
    });

    it('tells of each part', async () => {
      const large = 'x'.repeat(sourceBytes + 1);
      const error = await failing({
        format: 'html',
        source: large,
        subject: 'x'.repeat(subjectLength + 1),
        text: large,
      });
      expect(error).toMatchObject({
        code: 'TEMPLATE_TOO_LARGE',
        problems: [{ path: 'subject' }, { path: 'source' }, { path: 'text' }],
      });
    });

    it.each<[string, Partial<TemplateSource>]>([
      ['too many outputs', { format: 'html', source: '{{a}}'.repeat(liquidTokens + 1) }],
      ['blocks too deep', { format: 'html', source: '{% if a %}'.repeat(20_000) }],
      ['blocks too deep, in MJML', { source: mjml(`${'{% if a %}'.repeat(101)}${'{% endif %}'.repeat(101)}`) }],
      ['an index too deep', { format: 'html', source: `{{ a${'[a'.repeat(100_000)} }}` }],
      ['elements too deep', { source: mjml('<mj-wrapper>'.repeat(2_000) + '</mj-wrapper>'.repeat(2_000)) }],
      ['too many elements', { source: mjml('<mj-section/>'.repeat(5_000)) }],
      [
        'attributes for all that are too long',
        {
          source: mjml(
            '<mj-section/>'.repeat(2_000),
            `<mj-attributes><mj-all css-class="${'a'.repeat(100_000)}"/></mj-attributes>`,
          ),
        },
      ],
      [
        'attributes that are too long for so many',
        {
          source: mjml(
            column(`<mj-social css-class="${'a'.repeat(100_000)}">${'<mj-social-element/>'.repeat(3_000)}</mj-social>`),
          ),
        },
      ],
      [
        'too many pictures',
        { source: mjml(column(`<mj-carousel>${'<mj-carousel-image src="a"/>'.repeat(21)}</mj-carousel>`)) },
      ],
      ['comments that never end', { source: mjml('<!--'.repeat(60_000)) }],
      ['tags that never end', { source: mjml('<a '.repeat(80_000)) }],
      ['quotes that never end', { source: mjml(`<a ${`"'`.repeat(100_000)}`) }],
    ])('refuses %s, and compiles another one after it', async (_what, given) => {
      expect(await failing(given)).toMatchObject({ code: 'TEMPLATE_INVALID' });
      await compile({});
    });

    it('refuses MJML that is small and whose HTML is not', async () => {
      const source = mjml('<mj-section><mj-column/></mj-section>'.repeat(2_000));
      expect(await failing({ source })).toMatchObject({ code: 'TEMPLATE_TOO_LARGE', problems: [{ path: 'source' }] });
    });
  });

  it('compiles many at a time, one after the other, and turns away those that are too many', async () => {
    const settled = await Promise.allSettled(Array.from({ length: 30 }, () => compile({})));
    const turnedAway = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(turnedAway).toHaveLength(8);
    expect(turnedAway[0]).toMatchObject({ code: 'TEMPLATE_BUSY', retryable: true });
  });
});

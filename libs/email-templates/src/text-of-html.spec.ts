import { textOfHtml } from './text-of-html.ts';

describe('textOfHtml', () => {
  it('keeps headings, paragraphs, lists and links', () => {
    const html =
      '<h1>Your order</h1><p>Dear <b>Ann</b>,<br>see <a href="https://example.com/o/1">your order</a> or ' +
      '<a href="https://example.com">https://example.com</a>.</p><ul><li>one</li><li>two</li></ul><a href="#top">up</a>';
    expect(textOfHtml(html)).toBe(
      [
        'Your order',
        '',
        'Dear Ann,',
        'see your order [https://example.com/o/1] or https://example.com.',
        '',
        ' * one',
        ' * two',
        '',
        'up',
      ].join('\n'),
    );
  });

  it('writes tables in columns', () => {
    const html =
      '<table><thead><tr><th>Item</th><th>Price</th></tr></thead><tbody><tr><td>A <i>long</i> name</td><td>1.00</td></tr>' +
      '<tr><td>two<br>lines</td><td>20.00</td></tr><tr><td colspan="2">Total of all that was bought: 21.00</td></tr></tbody></table>';
    expect(textOfHtml(html)).toBe(
      [
        'Item          Price',
        'A long name   1.00',
        'two           20.00',
        'lines',
        'Total of all that was bought: 21.00',
      ].join('\n'),
    );
  });

  it('does not take tables of the layout for tables', () => {
    const row = (inner: string) => `<table role="presentation"><tbody><tr><td>${inner}</td></tr></tbody></table>`;
    expect(textOfHtml(row(`<div>one</div>${row('two')}`))).toBe('one\n\ntwo');
  });

  it('leaves out pictures, styles, comments and what is not shown', () => {
    const html =
      '<style>p{}</style><div style="display:none;">preview</div><!--[if mso]>outlook<![endif]--><img src="x" alt="y"><p>text</p>';
    expect(textOfHtml(html)).toBe('text');
  });

  it.each<[string, string, RegExp]>([
    ['columns that are not there', '<table><tr><td colspan="100000000">a</td><td>b</td></tr></table>', /a\s*b/],
    ['rows that are not there', '<table><tr><td rowspan="100000000">a</td></tr><tr><td>b</td></tr></table>', /a\s*b/],
    ['thousands of columns', `<table><tr>${'<td>a</td>'.repeat(5_000)}</tr></table>`, /^a/],
    ['thousands of rows', `<table>${'<tr><td>a</td><td>b</td></tr>'.repeat(5_000)}</table>`, /^a/],
    ['elements in elements', '<div>'.repeat(100_000), /^…?$/],
    ['tables in tables', '<table><tr><td>a'.repeat(30_000), /^a/],
    ['tags that never end', '<a '.repeat(100_000), /^/],
  ])('comes to an end with %s', (_what, html, expected) => {
    expect(textOfHtml(html)).toMatch(expected);
  });
});

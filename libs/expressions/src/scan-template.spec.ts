import fc from 'fast-check';
import { scanTemplate } from './scan-template.ts';

const sources = (text: string): string[] =>
  scanTemplate(text).flatMap((segment) => (segment.kind === 'expression' ? [segment.source] : []));

describe('scanTemplate', () => {
  it.each([
    ['a string literal', '{{ "}}" }}', [' "}}" ']],
    ['single quotes', "{{ '}}' }}", [" '}}' "]],
    ['an escaped quote', String.raw`{{ "\"}}" }}`, [String.raw` "\"}}" `]],
    ['a raw string', String.raw`{{ r"\d}}" }}`, [String.raw` r"\d}}" `]],
    ['triple quotes', '{{ """a"}}"b""" }}', [' """a"}}"b""" ']],
    ['triple single quotes over lines', "{{ '''a\n}}''' }}", [" '''a\n}}''' "]],
    ['a map', '{{ {"a": {"b": 1}} }}', [' {"a": {"b": 1}} ']],
    ['a map up to the end', '{{{"a": {"b": 1}}}}', ['{"a": {"b": 1}}']],
    ['a comment before the end', "{{ x // don't }} and more", [" x // don't "]],
    ['a comment with a line of its own', "{{ x // don't\n + 1 }}", [" x // don't\n + 1 "]],
    ['two expressions', '{{ "a" }}-{{ "b" }}', [' "a" ', ' "b" ']],
  ])('does not end early in %s', (_case, text, expected) => {
    expect(sources(text)).toEqual(expected);
  });

  it('leaves lone braces alone', () => {
    expect(scanTemplate('a } b }} c { d')).toEqual([{ kind: 'text', text: 'a } b }} c { d' }]);
  });

  it('tells where each expression is', () => {
    expect(scanTemplate('ab{{c}}d{{e}}')).toEqual([
      { kind: 'text', text: 'ab' },
      { kind: 'expression', source: 'c', offset: 4 },
      { kind: 'text', text: 'd' },
      { kind: 'expression', source: 'e', offset: 10 },
    ]);
  });

  it('goes to the next }} when a quote is left open, so that the parser tells what is wrong', () => {
    expect(sources('{{ "abc }} x')).toEqual([' "abc ']);
  });

  it('tells an expression that is never closed', () => {
    expect(scanTemplate('x {{ a')).toEqual([
      { kind: 'text', text: 'x ' },
      { kind: 'unclosed', source: ' a', offset: 4 },
    ]);
  });

  it('loses nothing of any text', () => {
    const pieces = fc.array(fc.constantFrom('{', '}', '"', "'", '\\', '/', '\n', 'a', '{{', '}}'), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        const rebuilt = scanTemplate(text).map((segment) => {
          if (segment.kind === 'text') return segment.text;
          return `{{${segment.source}${segment.kind === 'expression' ? '}}' : ''}`;
        });
        expect(rebuilt.join('')).toBe(text);
      }),
    );
  });
});

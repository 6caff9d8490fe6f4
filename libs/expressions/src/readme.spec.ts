import { readFileSync } from 'node:fs';
import { EXPRESSION_LIMITS } from './index.ts';
import { compiled, evaluate, SAMPLE_SCOPE } from './testing/sample-scope.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The cells of every row of every table, without the code marks. */
const rows = readme
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
const codeOf = (cell = ''): string => /^`(.*)`$/.exec(cell)?.[1] ?? cell;

const examples = rows
  .filter(([, result = '']) => result === 'fails' || result.startsWith('`'))
  .map(([expression, result]) => [codeOf(expression), codeOf(result)] as const);

describe('the guide in the README', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(110);
  });

  it.each(examples)('%s gives %s', (expression, result) => {
    if (result === 'fails') expect(() => evaluate(expression)).toThrow();
    else expect(JSON.stringify(evaluate(expression))).toBe(result);
  });

  it('shows the body that its examples use', () => {
    const shown: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '');
    expect({ body: shown }).toEqual(SAMPLE_SCOPE.trigger);
  });

  it('lists every limit as it is', () => {
    const listed = rows
      .filter(([name]) => codeOf(name).startsWith('max'))
      .map(([name, is = '']) => [codeOf(name), Number(is.replaceAll(',', ''))]);
    expect(Object.fromEntries(listed)).toEqual(EXPRESSION_LIMITS);
  });

  it('writes a literal {{ in one way', () => {
    expect(compiled('{{ "{{" }}').evaluate(SAMPLE_SCOPE)).toBe('{{');
  });
});

describe('the time zone of the machine', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  it.each(['UTC', 'Asia/Kathmandu', 'America/New_York'])('does not matter: %s', (local) => {
    process.env['TZ'] = local;
    expect(evaluate('timestamp("2026-03-08T07:30:00Z").getHours("America/New_York")')).toBe(3);
    expect(evaluate('timestamp("2026-03-08T07:30:00Z").getDayOfYear()')).toBe(66);
    expect(evaluate('date.format("2026-03-08T23:30:00Z", "yyyy-MM-dd HH:mm")')).toBe('2026-03-08 23:30');
    expect(evaluate('string(timestamp("2026-03-08T07:30:00-05:00"))')).toBe('2026-03-08T12:30:00.000Z');
  });
});

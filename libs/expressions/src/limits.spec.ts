import type { JsonValue } from '#libs/kernel';
import { compileTemplate, EvaluationBudget, EXPRESSION_LIMITS, ExpressionError } from './index.ts';
import { Run } from './run.ts';
import { compiled, evaluate, failure, problem, problemsOf, SAMPLE_SCOPE, scopeWith } from './testing/sample-scope.ts';

const nested = (depth: number, inside: string): string => '['.repeat(depth) + inside + ']'.repeat(depth);
const list = (length: number): JsonValue => Array.from({ length }, (_, index) => index);
const limits = EXPRESSION_LIMITS;

describe('each limit, at it and just over it', () => {
  it('maxExpressionLength', () => {
    const ofLength = (length: number) => `{{"${'a'.repeat(length - 2)}"}}`;
    expect(problemsOf(ofLength(limits.maxExpressionLength))).toEqual([]);
    expect(problemsOf(ofLength(limits.maxExpressionLength + 1))[0]?.message).toBe('is longer than 4096 characters');
  });

  it('maxExpressions', () => {
    const many = (count: number) => Array.from({ length: count }, () => '{{ 1 }}');
    expect(problemsOf(many(limits.maxExpressions))).toEqual([]);
    expect(problemsOf(many(limits.maxExpressions + 1))).toMatchObject([{ path: '[1000]' }]);
    expect(problemsOf(many(limits.maxExpressions + 1).join(''))).toHaveLength(1);
  });

  it('maxProblems', () => {
    const wrong = (count: number) => Array.from({ length: count }, () => '{{ x }}');
    expect(problemsOf(wrong(limits.maxProblems - 1))).toHaveLength(limits.maxProblems - 1);
    expect(problemsOf(wrong(limits.maxProblems + 1))).toHaveLength(limits.maxProblems);
  });

  it('maxDepth, of chained operators', () => {
    const chain = (terms: number) => Array.from({ length: terms }, () => '1').join(' + ');
    expect(evaluate(chain(limits.maxDepth))).toBe(limits.maxDepth);
    expect(problem(chain(limits.maxDepth + 1))).toBe('nests deeper than 100 levels');
  });

  it('maxDepth, of brackets', () => {
    expect(problem(nested(limits.maxDepth - 1, '1'))).toBe('none');
    expect(problem(nested(limits.maxDepth, '1'))).toContain('nests');
  });

  it('maxDepth, of signs that overflow a stack', () => {
    expect(problem(`${'!'.repeat(4_000)}true`)).toContain('nests');
    expect(problem(`${'-'.repeat(4_000)}1`)).toContain('nests');
  });

  it('maxLiteralItems and maxArguments', () => {
    const items = (count: number) => Array.from({ length: count }, () => '1').join(',');
    expect(evaluate(`size([${items(limits.maxLiteralItems)}])`)).toBe(limits.maxLiteralItems);
    expect(problem(`size([${items(limits.maxLiteralItems + 1)}])`)).toContain('maxListElements');
    expect(evaluate(`math.least(${items(limits.maxArguments)})`)).toBe(1);
    expect(problem(`math.least(${items(limits.maxArguments + 1)})`)).toContain('maxCallArguments');
  });

  it('maxLoopNesting', () => {
    expect(evaluate('[1].map(a, [2].map(b, a + b))')).toEqual([[3]]);
    expect(problem('[1].map(a, [2].map(b, [3].map(c, a)))')).toBe('loops nest deeper than 2');
    expect(problem('[1].all(a, [2].exists(b, [3].sortBy(c, c) == []))')).toBe('loops nest deeper than 2');
    expect(evaluate('[3].filter(a, true).map(b, b).filter(c, true)')).toEqual([3]);
  });

  it.each([
    'size(trigger.map(x, x))',
    'trigger.filter(x, true).size()',
    'trigger.all(x, true)',
    'trigger.exists(x, false)',
    'trigger.exists_one(x, x == 0)',
    'size(trigger.sortBy(x, -x))',
    'trigger.sum()',
    'trigger.min()',
    'size(trigger.sort())',
    'size(trigger.distinct())',
    'size(trigger.flatten())',
    'size(trigger + [])',
    '(0 - 1) in trigger',
  ])('maxListLength: %s', (expression) => {
    expect(() => evaluate(expression, scopeWith(list(limits.maxListLength)))).not.toThrow();
    const { message } = failure(expression, scopeWith(list(limits.maxListLength + 1)));
    expect(message).toBe('a list has more than 10000 items');
  });

  it('maxListLength, of what split and join make', () => {
    const parts = (count: number) => scopeWith(Array.from({ length: count }, () => 'x').join(','));
    expect(evaluate('size(trigger.split(","))', parts(limits.maxListLength))).toBe(limits.maxListLength);
    expect(failure('trigger.split(",")', parts(limits.maxListLength + 1)).message).toContain('10000 items');
  });

  it('maxListLength does not bound what is only passed on, counted or indexed', () => {
    const long = scopeWith(list(limits.maxListLength * 2));
    expect(evaluate('size(trigger)', long)).toBe(20_000);
    expect(evaluate('trigger[19999]', long)).toBe(19_999);
    expect(evaluate('trigger', long)).toBe(long.trigger);
  });

  it.each([
    'trigger + "a"',
    '[trigger, "a"].join()',
    '(trigger + "b").replace("b", "a")',
    'trigger.replace("x", "xa", 1)',
    'trigger.replace("", "a", 1)',
    '"%sa".format([trigger])',
  ])('maxTextLength: %s', (expression) => {
    const scope = (length: number) => scopeWith('x'.repeat(length));
    expect(evaluate(`size(${expression})`, scope(limits.maxTextLength - 1))).toBe(limits.maxTextLength);
    expect(failure(expression, scope(limits.maxTextLength)).message).toBe('a text is longer than 1048576 characters');
  });

  it.each([
    ['a text', '{{ trigger }}', limits.maxResultSize - 8],
    ['a text in a list', '{{ [trigger] }}', limits.maxResultSize - 16],
    ['a text in a map', '{{ {"key": trigger} }}', limits.maxResultSize - 8 - 3 - 8],
    ['a text in a text', 'ab{{ trigger }}', limits.maxResultSize - 2],
    ['several expressions', ['{{ 1 }}', '{{ trigger }}'] as string[], limits.maxResultSize - 16],
  ])('maxResultSize: %s', (_case, template, length) => {
    expect(() => compiled(template).evaluate(scopeWith('x'.repeat(length)))).not.toThrow();
    const over = () => compiled(template).evaluate(scopeWith('x'.repeat(length + 1)));
    expect(over).toThrow('the result is larger than 1048576 characters');
  });

  it('maxResultSize does not count what is only made on the way', () => {
    const scope = scopeWith('x'.repeat(500_000));
    expect(evaluate('size(json.stringify([trigger, trigger]))', scope)).toBe(1_000_007);
    expect(evaluate('[trigger, trigger].distinct().size() + size(json.stringify(trigger))', scope)).toBe(500_003);
    expect(compiled('{{ [trigger] }} {{ 1 }}').evaluate(scope)).toHaveLength(500_006);
  });

  it('maxJsonDepth, of a result, a template and json.parse', () => {
    const deep = (depth: number): JsonValue => JSON.parse(nested(depth, '')) as JsonValue;
    expect(evaluate('trigger', scopeWith(deep(limits.maxJsonDepth)))).toEqual(deep(limits.maxJsonDepth));
    expect(failure('trigger', scopeWith(deep(limits.maxJsonDepth + 1))).message).toContain('deeper than 64 levels');
    expect(problemsOf(deep(limits.maxJsonDepth))).toEqual([]);
    expect(problemsOf(deep(limits.maxJsonDepth + 1))[0]?.message).toContain('deeper than 64 levels');
    const parse = (depth: number) => scopeWith(nested(depth, ''));
    expect(evaluate('size(json.parse(trigger))', parse(limits.maxJsonDepth))).toBe(1);
    expect(failure('size(json.parse(trigger))', parse(limits.maxJsonDepth + 1)).message).toContain('64 levels');
  });

  it('maxSteps', () => {
    const run = new Run(SAMPLE_SCOPE);
    expect(() => run.spend(limits.maxSteps)).not.toThrow();
    expect(() => run.spend(1)).toThrow('takes more than 500000 steps');
  });

  it('maxSteps, of all expressions of a template together', () => {
    const loop = '{{ size(trigger.map(x, x + 1)) }}';
    const scope = scopeWith(list(limits.maxListLength));
    expect(compiled(Array.from({ length: 5 }, () => loop)).evaluate(scope)).toEqual(
      Array.from({ length: 5 }, () => 10_000),
    );
    expect(() => compiled(Array.from({ length: 20 }, () => loop)).evaluate(scope)).toThrow(
      'takes more than 500000 steps',
    );
  });

  it('maxSteps and maxResultSize, of evaluations that share a budget', () => {
    const scope = scopeWith('x'.repeat(limits.maxResultSize / 2 - 8));
    const whole = compiled('{{ trigger }}');
    const results = new EvaluationBudget();
    for (const _ of [1, 2]) expect(() => whole.evaluate(scope, results)).not.toThrow();
    expect(() => whole.evaluate(scope, results)).toThrow('the result is larger than 1048576 characters');
    expect(() => whole.evaluate(scope)).not.toThrow();

    const steps = new EvaluationBudget();
    steps.spend(limits.maxSteps - 1);
    expect(compiled('{{ 1 }}').evaluate(scope, steps)).toBe(1);
    expect(() => compiled('{{ 1 }}').evaluate(scope, steps)).toThrow('takes more than 500000 steps');
  });

  it('what is remembered is paid once for evaluations that share a budget', () => {
    const computed = compiled('{{ trigger.matches("a" + "b") }}');
    const budget = new EvaluationBudget();
    for (let count = 0; count < 100; count++) expect(computed.evaluate(scopeWith('ab'), budget)).toBe(true);
  });

  it('maxPatternLength, maxPatternClasses and maxPatternSize', () => {
    const matches = (pattern: string) => problem(`trigger.matches("${pattern}")`);
    expect(matches('a'.repeat(limits.maxPatternLength))).toBe('none');
    expect(matches('a'.repeat(limits.maxPatternLength + 1))).toBe('a pattern is longer than 256 characters');
    expect(matches('\\\\pL'.repeat(limits.maxPatternClasses))).toBe('none');
    expect(matches('\\\\pL'.repeat(limits.maxPatternClasses + 1))).toBe('a pattern has more than 8 Unicode classes');
    expect(matches('a{998}')).toBe('none');
    expect(matches('a{999}')).toBe('a pattern repeats too much');
  });

  it('maxPatterns', () => {
    const patterns = (count: number) =>
      Array.from({ length: count }, (_, index) => `{{ trigger.matches("${index}") }}`);
    expect(problemsOf(patterns(limits.maxPatterns))).toEqual([]);
    expect(problemsOf(patterns(limits.maxPatterns + 1))).toMatchObject([
      { path: '[16]', message: 'the template holds too many regular expressions' },
    ]);
  });

  it('maxPrecision and maxDateFormatLength', () => {
    expect(evaluate('"%.20f".format([0.5])')).toBe('0.50000000000000000000');
    expect(failure('"%.21f".format([0.5])').message).toBe('format() writes at most 20 digits');
    const dated = (length: number) => `date.format(execution.startedAt, "${'-'.repeat(length)}")`;
    expect(evaluate(dated(limits.maxDateFormatLength))).toHaveLength(limits.maxDateFormatLength);
    expect(problem(dated(limits.maxDateFormatLength + 1))).toContain('a date format has 1 to 64 characters');
  });
});

/** `x0` is `init`, and each of `times` further names is `step` of the one before, written `$`. */
function repeated(init: string, step: string, times: number): string {
  let expression = `x${times}`;
  for (let index = times; index > 0; index--) {
    expression = `cel.bind(x${index}, ${step.replaceAll('$', `x${index - 1}`)}, ${expression})`;
  }
  return `cel.bind(x0, ${init}, ${expression})`;
}

describe('hostile expressions', () => {
  const scope = scopeWith({
    mega: 'x'.repeat(1_048_576),
    hundred: 'a'.repeat(100_000),
    some: 'a'.repeat(20_000),
    list: list(10_000),
    patterns: Array.from({ length: 1_000 }, (_, index) => `(?i)${'\\pL'.repeat(8)}${index}`),
    texts: Array.from({ length: 10_000 }, () => 'x'.repeat(1_048_576)),
    keys: Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index])),
    deep: JSON.parse(nested(5_000, '')) as JsonValue,
    alsoDeep: JSON.parse(nested(5_000, '')) as JsonValue,
  });

  it.each([
    ['nested loops', 'trigger.list.map(a, trigger.list.filter(b, a == b))'],
    ['nested loops that fail', 'trigger.list.exists(a, trigger.list.exists(b, b.x))'],
    ['a loop of failures with many names', 'trigger.list.exists(a, trigger.keys.nope == 1)'],
    ['doubled text', repeated('"xxxxxxxxxx"', '$ + $', 40)],
    ['doubled lists', repeated('[1, 2]', '$ + $', 40)],
    ['a list that holds itself twice, 40 times', repeated('[1]', '[$, $]', 40)],
    ['its JSON', `json.stringify(${repeated('[1]', '[$, $]', 40)})`],
    ['its equality', `${repeated('[1]', '[$, $]', 40)} == ${repeated('[1]', '[$, $]', 40)}`],
    ['its flat form', `${repeated('[1]', '[$, $]', 40)}.flatten(60)`],
    ['its distinct items', `[${repeated('{"a": 1}', '{"a": $, "b": $}', 40)}].distinct()`],
    ['many copies of a text', 'trigger.list.map(x, trigger.hundred + "a")'],
    ['replacing by a long text', 'trigger.mega.replace("x", trigger.hundred)'],
    ['replacing nothing', 'trigger.mega.replace("", "y")'],
    ['joining', 'trigger.texts.join(",")'],
    ['splitting', 'trigger.mega.split("")'],
    ['formatting', `"${'%s'.repeat(200)}".format([${Array.from({ length: 200 }, () => 'trigger.mega').join(',')}])`],
    ['a long part in a long text', 'trigger.mega.contains("y" + trigger.mega.substring(0, 524288))'],
    ['counting characters again and again', 'trigger.list.map(x, trigger.hundred.size())'],
    ['comparing long texts', 'trigger.texts.all(x, x == trigger.mega.replace("x", "y", 1).replace("y", "x"))'],
    ['sorting again and again', 'trigger.list.map(x, trigger.list.sort())'],
    ['a pattern that backtracks elsewhere', '(trigger.hundred + "!").matches("^(a+)+$")'],
    ['a pattern that reads on after each match', 're.replace(trigger.some, "a+b|a", "c")'],
    ['many computed patterns', 'trigger.patterns.map(p, "abc".matches(p))'],
    ['hashing again and again', 'trigger.list.map(x, hash.sha256(trigger.some))'],
    ['base64 again and again', 'trigger.list.map(x, base64.encode(trigger.some))'],
    ['deep JSON', 'json.parse(trigger.hundred.replace("a", "["))'],
    ['writing JSON again and again', 'trigger.list.map(x, json.stringify(trigger.list))'],
    ['dates again and again', 'trigger.list.map(x, date.format(timestamp(x), "yyyy-MM-dd HH:mm", "Asia/Tokyo"))'],
    ['unknown zones', 'trigger.list.exists(x, timestamp(x).getHours("X/" + string(x)) == 1)'],
    ['counting keys', 'trigger.list.map(x, size(trigger.keys))'],
    ['comparing deep lists', 'trigger.deep == trigger.alsoDeep'],
    ['giving deep lists', '[trigger.deep]'],
  ])('%s', (_case, expression) => {
    expect(() => compiled(`{{ ${expression} }}`).evaluate(scope)).toThrow(ExpressionError);
  });

  it('are no better with thousands of templates in one string', () => {
    expect(compileTemplate('{{1}}'.repeat(100_000)).kind).toBe('refused');
    expect(compileTemplate('{{ "'.repeat(100_000)).kind).toBe('refused');
    expect(compileTemplate('{{ {'.repeat(100_000)).kind).toBe('refused');
    expect(compileTemplate('{{ //'.repeat(100_000)).kind).toBe('refused');
  });
});

import { ExpressionError } from './index.ts';
import { compiled, evaluate, failure, failureOf, problem, SAMPLE_SCOPE, scopeWith } from './testing/sample-scope.ts';

describe('what fails while it is evaluated', () => {
  it('tells path, expression, offset and the fields that exist', () => {
    const error = failureOf({ values: [{ total: 'Total: {{ 1 + trigger.body.amout }}' }] });
    expect(error).toBeInstanceOf(ExpressionError);
    expect(error).toMatchObject({
      name: 'ExpressionError',
      code: 'EXPRESSION_FAILED',
      path: 'values[0].total',
      expression: '1 + trigger.body.amout',
      message: 'trigger.body has no field "amout"',
      hint: 'trigger.body has no field "amout"; it has: amount, orderId, qty, customer, tags, mixed, lines, zip-code',
    });
    expect('Total: {{ 1 + trigger.body.amout }}'.slice(error.offset)).toBe('amout }}');
  });

  it('tells few names of many, each shortened', () => {
    const fields = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${'f'.repeat(60)}${index}`, index]));
    const { hint = '' } = failure('trigger.nope', scopeWith(fields));
    expect(hint).toContain('and 22 more');
    expect(hint.length).toBeLessThan(500);
  });

  it.each([
    ['trigger.body.customer.email.domain', 'trigger.body.customer.email is null, it has no fields'],
    ['trigger.body.orderId.x', 'trigger.body.orderId is string, it has no fields'],
    ['trigger.body.tags.first', 'trigger.body.tags is a list: its items have numbers, from 0'],
    ['trigger.body.tags[2]', 'no such item in the list'],
    ['trigger.body.tags[-1]', 'no such item in the list'],
    ['trigger.body.lines.map(l, l.cost)', 'l has no field "cost"'],
    ['nodes.absent.output', 'nodes has no field "absent"'],
    ['item.id', 'item has no value here'],
    ['1 / 0', 'division by zero'],
    ['trigger.body.qty % 0', 'division by zero'],
    ['1e308 * 10', 'a number is too large'],
    ['9223372036854775807 + 1', 'a whole number is beyond 64 bits'],
    ['"a" + 1', 'cannot compute string + int'],
    ['"a" * 2', 'cannot compute string * int'],
    ['"a" < 1', 'cannot order string and int'],
    ['-"a"', 'cannot negate string'],
    ['!1', 'a condition is true or false, not int'],
    ['trigger.body.qty ? 1 : 2', 'a condition is true or false, not double'],
    ['1 in "abc"', 'in looks into a list or a map, not into string'],
    ['{1: 2}', 'the key of a map is text'],
    ['{"a": 1, "a": 2}', 'a key stands twice in a map'],
    ['trigger.body[1]', 'the key of a map is text, not int'],
    ['trigger.body.qty.orValue(1)', 'double is not optional'],
    ['trigger.body.?nope.value()', 'the optional value is absent'],
    ['trigger.body.qty.size()', 'size() does not take (double)'],
    ['trigger.body.qty.map(x, x)', 'map() works on a list or the keys of a map, not on double'],
    ['[1, "a"].sort()', 'cannot order string and int'],
    ['[1, "a"].sum()', 'sum() adds numbers, not string'],
    ['["a", 1].join()', 'join() takes a list of texts'],
    ['[].min()', 'the list is empty'],
    ['int("1.5")', 'int() cannot read the text: digits, and a sign at most'],
    ['double("x")', 'double() cannot read the text: a decimal number, as in 12.5 or 1e3'],
    ['bool("yes")', 'bool() cannot read the text: true or false'],
    ['string([1])', 'string() cannot take list'],
    ['json.parse("{")', 'json.parse() cannot read the text: it is not JSON'],
    ['json.parse("1e999")', 'a number is too large'],
    ['base64.decode("_w==")', 'the bytes are not UTF-8 text'],
    ['base64.decode("a")', 'base64.decode() cannot read the text'],
    ['timestamp(trigger.body.orderId)', 'the text is no timestamp'],
    ['duration(trigger.body.orderId)', 'the text is no duration'],
    ['duration("87660000h") + duration("1h")', 'a duration is longer than 10000 years'],
    ['timestamp(1e15)', 'a timestamp is outside the years 1 to 9999'],
    ['date.format(execution.startedAt, "yyyy", vars.region)', 'the time zone is unknown'],
    ['date.format(execution.startedAt, vars.region)', 'the date format has unknown letters'],
    ['"x".matches(trigger.body.orderId + "(")', 'the pattern is no RE2 pattern'],
    ['re.replace("x", "x", "$1")', 're.replace() names a group that the pattern does not have'],
    ['"abc".substring(2, 1)', 'substring() reaches outside the text'],
    ['"%d".format(["a"])', '%d takes a whole number, not string'],
    ['"%s".format([])', 'format() got fewer values than the text has places'],
    ['"%s".format([1, 2])', 'format() got more values than the text has places'],
    ['"%q".format([1])', 'format() does not know a place'],
  ])('%s: %s', (expression, message) => {
    expect(failure(expression).message).toBe(message);
  });

  it('never tells a value', () => {
    const secret = scopeWith({ token: 's3cret', map: { a: 1 } });
    for (const expression of [
      'int(trigger.token)',
      'trigger.map[trigger.token]',
      'trigger.token.x',
      'timestamp(trigger.token)',
      'json.parse(trigger.token)',
      '"a".matches(trigger.token + "(")',
      'trigger.token.format([1])',
      'date.format(execution.startedAt, trigger.token)',
      'trigger.token + 1',
    ]) {
      const { message, hint } = failure(expression, secret);
      expect(`${message} ${hint ?? ''}`).not.toContain('s3cret');
    }
  });

  it('is forgiven by || and && when the other side decides, and by exists and all', () => {
    expect(evaluate('trigger.nope || true')).toBe(true);
    expect(evaluate('true || trigger.nope')).toBe(true);
    expect(evaluate('trigger.nope && false')).toBe(false);
    expect(evaluate('[0, 1].exists(x, 1 / x == 1)')).toBe(true);
    expect(evaluate('[0, 1].all(x, 1 / x == 5)')).toBe(false);
    expect(failure('trigger.nope || false').message).toBe('trigger has no field "nope"');
    expect(failure('[0, 1].all(x, 1 / x == 1)').message).toBe('division by zero');
    expect(failure('[0, 1].exists_one(x, 1 / x == 1)').message).toBe('division by zero');
  });

  it('leaves a template usable', () => {
    const template = compiled('{{ trigger.x }}');
    expect(() => template.evaluate(SAMPLE_SCOPE)).toThrow(ExpressionError);
    expect(template.evaluate(scopeWith({ x: 1 }))).toBe(1);
  });
});

describe('what does not compile', () => {
  it.each([
    ['foo.bar', 'unknown name foo; known here: trigger, nodes, execution, workflow, vars, item, index'],
    ['[1].map(x, y)', 'unknown name y; known here: x, trigger, nodes, execution, workflow, vars, item, index'],
    ['math', 'math is no value: call one of its functions, as in math.…(…)'],
    ['a = b', 'unexpected = (compare with ==)'],
    ['(1', 'the expression ends too early'],
    ['1 2', 'unexpected 2'],
    ['"abc', 'Unterminated string'],
    ['nope(1)', 'unknown function nope()'],
    ['trigger.nope()', 'unknown function nope()'],
    [
      'math.nope(1)',
      'unknown function math.nope(); there are math.round, math.floor, math.ceil, math.abs, math.least, math.greatest',
    ],
    ['trim(trigger)', 'trim() is written string.trim()'],
    ['"a".trim(1)', 'trim() is written string.trim()'],
    ['1u', 'this literal is not supported: write 1, not 1u'],
    ['9223372036854775808', 'a whole number is beyond 64 bits'],
    ['has(trigger)', 'has() takes a field, as in has(trigger.body.zip)'],
    ['[1].map(trigger, 1)', 'map() takes a new variable name first, as in map(x, …)'],
    ['cel.bind(int, 1, 2)', 'cel.bind() takes a new name first'],
    ['cel.nope(1)', 'unknown function cel.nope(); there is cel.bind(name, value, expression)'],
    ['"a".matches("(")', 'the pattern is no RE2 pattern; RE2 has no lookahead, lookbehind or \\1'],
    ['"a".matches("(?=a)")', 'the pattern is no RE2 pattern; RE2 has no lookahead, lookbehind or \\1'],
    ['timestamp("2026-02-30T00:00:00Z")', expect.stringContaining('the text is no timestamp')],
    ['timestamp("2026-11-23T10:00:00")', expect.stringContaining('the text is no timestamp')],
    ['duration("1 hour")', expect.stringContaining('the text is no duration')],
    ['date.format(trigger, "yyyy", "local")', expect.stringContaining('the time zone is unknown')],
    ['date.format(trigger, "ff")', expect.stringContaining('the date format has unknown letters')],
    ['date.format(trigger, "yyyy \'at")', 'a quote in the date format is not closed'],
  ])('%s: %s', (expression, message) => {
    expect(problem(expression)).toEqual(message);
  });

  it.each([
    'nodes',
    'nodes[trigger.id].output',
    'size(nodes)',
    'nodes.map(n, n)',
    '"a" in nodes',
    'nodes[0]',
    'has(nodes[trigger.x])',
  ])('%s: the nodes that it reads must be known', (expression) => {
    expect(problem(expression)).toContain('ids cannot be computed');
  });

  it('tells how an id with a dash is written', () => {
    expect(problem('nodes.my-node.output')).toContain('nodes["my-node"]');
  });

  it('tells the name that is near first', () => {
    const scope = scopeWith({ a1: 1, a2: 2, a3: 3, a4: 4, a5: 5, a6: 6, a7: 7, a8: 8, customer: 9 });
    expect(failure('trigger.custmoer', scope).hint).toContain('it has: customer, a1');
  });
});

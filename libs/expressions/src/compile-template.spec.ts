import fc from 'fast-check';
import type { JsonValue } from '#libs/kernel';
import { compileTemplate } from './index.ts';
import { compiled, evaluate, problemsOf, SAMPLE_SCOPE, scopeWith } from './testing/sample-scope.ts';

const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;
const withoutExpressions = json.filter((value) => !JSON.stringify(value).includes('{{'));

describe('compileTemplate', () => {
  it('gives the very value when it holds no expression', () => {
    fc.assert(
      fc.property(withoutExpressions, (value) => {
        const template = compiled(value);
        expect(template.dynamic).toBe(false);
        expect(template.nodeReferences).toEqual([]);
        expect(template.evaluate(SAMPLE_SCOPE)).toBe(value);
      }),
    );
  });

  it('gives the value of a string that is one expression, of any type', () => {
    expect(compiled('{{ trigger.body.tags }}').evaluate(SAMPLE_SCOPE)).toEqual(['new', 'eu']);
    expect(compiled(' \n{{ trigger.body.qty }} ').evaluate(SAMPLE_SCOPE)).toBe(7);
    expect(compiled('{{ null }}').evaluate(SAMPLE_SCOPE)).toBeNull();
  });

  it('passes any value through as it is', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(evaluate('trigger', scopeWith(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not copy what it passes through', () => {
    const scope = scopeWith({ list: [{ a: 1 }] });
    expect(evaluate('trigger', scope)).toBe(scope.trigger);
  });

  it.each([
    ['Order {{ trigger.body.orderId }} is big', 'Order A-17 is big'],
    ['{{ 1 }}{{ 2.5 }}', '12.5'],
    ['{{ true }}!', 'true!'],
    ['[{{ null }}]', '[]'],
    ['{{ trigger.body.tags }} {{ {"a": 1} }}', '["new","eu"] {"a":1}'],
    ['{{ trigger.body.?none }}.', '.'],
    ['at {{ timestamp(execution.startedAt) }}', 'at 2026-11-23T10:00:00.123Z'],
    ['{{ 9007199254740993 }}!', '9007199254740993!'],
    ['{{ "{{" }} is literal', '{{ is literal'],
  ])('puts results into text: %s', (template, expected) => {
    expect(compiled(template).evaluate(SAMPLE_SCOPE)).toBe(expected);
  });

  it('walks objects and lists, leaves keys alone and shares what is static', () => {
    const fixed = { deep: [1] };
    const value = { '{{ 1 }}': 'x', a: ['{{ 1 + 1 }}', fixed, '{{ null }}'], b: fixed };
    const template = compiled(value);
    expect(template.dynamic).toBe(true);
    const result = template.evaluate(SAMPLE_SCOPE);
    expect(result).toEqual({ '{{ 1 }}': 'x', a: [2, fixed, null], b: fixed });
    expect((result as typeof value).b).toBe(fixed);
  });

  it('keeps own keys with the names of prototypes', () => {
    const value = JSON.parse('{"__proto__": "{{ 1 }}", "constructor": "{{ 2 }}", "x": 3}') as JsonValue;
    const result = compiled(value).evaluate(SAMPLE_SCOPE);
    expect(JSON.stringify(result)).toBe('{"__proto__":1,"constructor":2,"x":3}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  it('tells the nodes it reads, in whatever way they are written', () => {
    const template = compiled({
      a: '{{ nodes.zeta.output }}',
      b: 'x {{ nodes["my-node"].output }} {{ nodes.?alpha.output.orValue(1) }}',
      c: ['{{ nodes[?"beta"].output }}', '{{ has(nodes.gamma) && has(nodes.zeta.output.x) }}'],
      d: '{{ "nodes.not.this" }}',
      e: '{{ [1].map(x, nodes.inner.output) }}',
    });
    expect(template.nodeReferences).toEqual(['alpha', 'beta', 'gamma', 'inner', 'my-node', 'zeta']);
  });

  it.each([
    ['{{ vars.region }} {{ vars["zone"] }} {{ vars.?tier.orValue(1) }}', ['region', 'tier', 'zone']],
    ['{{ has(vars.region) && has(vars["zone"]) }}', ['region', 'zone']],
    ['{{ [1].map(x, vars.region) }}', ['region']],
    ['{{ vars[trigger.body.name] }}', 'all'],
    ['{{ size(vars) }} {{ vars.region }}', 'all'],
    ['{{ "vars.region" }} vars.zone {{ trigger.vars.tier }}', []],
    ['{{ nodes.vars.output }}', []],
  ])('tells the variables it reads: %s', (text, references) => {
    expect(compiled({ a: [text] }).variableReferences).toEqual(references);
  });

  it('tells every problem, each with path, expression and offset', () => {
    const problems = problemsOf({
      ok: '{{ 1 }}',
      url: 'https://x/{{ foo.bar }}/{{ 1 + }}',
      list: [{ 'a b': '{{ }}' }, 'é😀 {{ a + b }}', '{{ open'],
    });
    expect(problems).toEqual([
      {
        path: 'url',
        expression: 'foo.bar',
        offset: 13,
        message: expect.stringContaining('unknown name foo') as string,
      },
      { path: 'url', expression: '1 +', offset: 31, message: 'the expression ends too early' },
      { path: 'list[0]["a b"]', expression: '', offset: 2, message: 'there is no expression between {{ and }}' },
      {
        path: 'list[1]',
        expression: 'a + b',
        offset: 7,
        message: expect.stringContaining('unknown name a;') as string,
      },
      {
        path: 'list[1]',
        expression: 'a + b',
        offset: 11,
        message: expect.stringContaining('unknown name b;') as string,
      },
      { path: 'list[2]', expression: 'open', offset: 0, message: expect.stringContaining('never closed') as string },
    ]);
  });

  it('compiles or refuses any text', () => {
    const words = [
      '{{',
      '}}',
      'trigger',
      '.',
      'nodes',
      '(',
      ')',
      '[',
      ']',
      '"',
      "'",
      '+',
      '?',
      ':',
      'map',
      'x',
      ',',
      '1',
      '\\',
      '//',
      '-',
      '!',
      'r"',
    ];
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words)).map((parts) => `{{${parts.join('')}}}`),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect(['compiled', 'refused']).toContain(compileTemplate(value).kind);
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives the same for the same scope, and always JSON', () => {
    const template = compiled({
      all: '{{ trigger }}',
      list: '{{ [trigger, 1, 2.0, {"t": trigger}] }}',
      text: '{{ json.stringify(trigger) }} of {{ execution.startedAt }}',
      distinct: '{{ [trigger, trigger].distinct() }}',
    });
    fc.assert(
      fc.property(json, (trigger) => {
        const first = template.evaluate(scopeWith(trigger));
        expect(template.evaluate(scopeWith(trigger))).toEqual(first);
        expect(JSON.parse(JSON.stringify(first))).toEqual(first);
      }),
    );
  });
});

import type { JsonValue } from '#libs/kernel';
import { compileTemplate, ExpressionError } from './index.ts';
import { evaluate, SAMPLE_SCOPE, scopeWith } from './testing/sample-scope.ts';

/** Ways out of a sandbox that worked elsewhere. Each must be refused, fail, or see nothing. */
const ESCAPES = [
  'trigger.constructor',
  'trigger["constructor"]',
  'trigger["const" + "ructor"]',
  'trigger.constructor.constructor("return process")()',
  'trigger["constructor"]["constructor"]',
  'trigger["__proto__"]',
  'trigger.__proto__.polluted',
  'trigger.prototype',
  'trigger.toString',
  'trigger.hasOwnProperty',
  'trigger.valueOf()',
  'trigger.toString()',
  'trigger.__defineGetter__("x", 1)',
  'trigger.__lookupGetter__("x")',
  'trigger.body.tags.length',
  'trigger.body.tags["length"]',
  'trigger.body.tags.constructor',
  'trigger.body.tags["map"]',
  'trigger.body.tags.push(1)',
  'trigger.body.orderId.constructor',
  'trigger.body.orderId["length"]',
  'trigger.body.orderId[0]',
  '"".constructor',
  '"".sub.constructor',
  '[].constructor.constructor("return this")()',
  '{}.constructor',
  '{"a": 1}["__proto__"]',
  '{"__proto__": {"polluted": 1}}.polluted',
  '(1).constructor',
  'true.constructor',
  'timestamp(0).constructor',
  'timestamp(0)["epochMs"]',
  'duration("1s").ms',
  'b"x".octets',
  'optional.of(1).NONE.value()',
  'type(1).name',
  'math.constructor',
  'math["constructor"]',
  'math.constructor("return 1")',
  'json.parse.constructor("x")',
  'json.parse("{\\"__proto__\\": {\\"polluted\\": 1}}").polluted',
  'constructor',
  '__proto__',
  'this',
  'globalThis',
  'process.env',
  'require("fs")',
  'import("fs")',
  'Function("return process")()',
  'eval("1")',
  'console.log(1)',
  'hasOwnProperty("x")',
  'nodes.constructor.output',
  'nodes["__proto__"].output',
  'vars.constructor',
  'cel.constructor',
  'optional.constructor',
  'google.protobuf.Timestamp',
] as const;

function outcome(expression: string): JsonValue {
  const result = compileTemplate(`{{ ${expression} }}`);
  if (result.kind === 'refused') return 'refused';
  try {
    return { gave: result.template.evaluate(SAMPLE_SCOPE) };
  } catch (error) {
    if (error instanceof ExpressionError) return 'failed';
    throw error;
  }
}

describe('escapes', () => {
  it.each(ESCAPES)('%s leads nowhere', (expression) => {
    expect(['refused', 'failed']).toContain(outcome(expression));
  });

  it.each(['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    '%s does not exist, unless the data has it',
    (name) => {
      expect(evaluate(`has(trigger[${JSON.stringify(name)}])`)).toBe(false);
      expect(evaluate(`${JSON.stringify(name)} in trigger`)).toBe(false);
      expect(evaluate(`trigger[?${JSON.stringify(name)}].orValue("none")`)).toBe('none');
      const data = scopeWith(JSON.parse(`{${JSON.stringify(name)}: {"own": 1}}`) as JsonValue);
      expect(evaluate(`trigger[${JSON.stringify(name)}].own`, data)).toBe(1);
      expect(evaluate(`${JSON.stringify(name)} in trigger`, data)).toBe(true);
      expect(JSON.stringify(evaluate('[trigger, 1][0]', data))).toBe(`{${JSON.stringify(name)}:{"own":1}}`);
      expect(JSON.stringify(evaluate('trigger.map(k, k)', data))).toBe(JSON.stringify([name]));
    },
  );

  it('a map with the key __proto__ is a map with that key', () => {
    const result = evaluate('{"__proto__": {"polluted": 1}}');
    expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":1}}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });

  it('compares and sorts own keys of any name', () => {
    const data = scopeWith(JSON.parse('{"a": {"__proto__": 1}, "b": {"__proto__": 1}, "c": {}}') as JsonValue);
    expect(evaluate('trigger.a == trigger.b', data)).toBe(true);
    expect(evaluate('trigger.a == trigger.c', data)).toBe(false);
    expect(evaluate('[trigger.a, trigger.b, trigger.c].distinct().size()', data)).toBe(2);
  });
});

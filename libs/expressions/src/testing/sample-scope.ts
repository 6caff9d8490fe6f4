import type { JsonValue } from '#libs/kernel';
import {
  compileTemplate,
  ExpressionError,
  type CompiledTemplate,
  type ExpressionProblem,
  type Scope,
} from '../index.ts';

/** A scope with something of everything. The guide in the README uses it too. */
export const SAMPLE_SCOPE: Scope = {
  trigger: {
    body: {
      orderId: 'A-17',
      amount: 250.5,
      qty: 7,
      customer: { id: 9, name: 'Ada', email: null },
      tags: ['new', 'eu'],
      mixed: [1, 'a', null, { k: 1 }],
      lines: [
        { sku: 'pen', price: 2.5, count: 4 },
        { sku: 'ink', price: 12, count: 1 },
      ],
      'zip-code': '10115',
    },
  },
  nodes: { shape: { output: { ok: true } }, 'my-node': { output: 3 } },
  execution: { id: 'ex_1', startedAt: '2026-11-23T10:00:00.123Z' },
  workflow: { id: 'wf_1', version: 3, name: 'Big orders' },
  vars: { region: 'eu' },
};

/** A scope whose trigger is the given value. */
export function scopeWith(trigger: JsonValue): Scope {
  return { ...SAMPLE_SCOPE, trigger };
}

export function compiled(value: JsonValue): CompiledTemplate {
  const result = compileTemplate(value);
  if (result.kind === 'compiled') return result.template;
  throw new Error(result.problems.map(({ path, offset, message }) => `${path}@${offset}: ${message}`).join('\n'));
}

/** The value of one expression, without its braces. */
export function evaluate(expression: string, scope: Scope = SAMPLE_SCOPE): JsonValue {
  return compiled(`{{ ${expression} }}`).evaluate(scope);
}

/** How the evaluation of a template fails. */
export function failureOf(value: JsonValue, scope: Scope = SAMPLE_SCOPE): ExpressionError {
  const template = compiled(value);
  try {
    template.evaluate(scope);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** How the evaluation of one expression fails. */
export function failure(expression: string, scope: Scope = SAMPLE_SCOPE): ExpressionError {
  return failureOf(`{{ ${expression} }}`, scope);
}

export function problemsOf(value: JsonValue): readonly ExpressionProblem[] {
  const result = compileTemplate(value);
  return result.kind === 'refused' ? result.problems : [];
}

/** The first problem of one expression. */
export function problem(expression: string): string {
  return problemsOf(`{{ ${expression} }}`)[0]?.message ?? 'none';
}

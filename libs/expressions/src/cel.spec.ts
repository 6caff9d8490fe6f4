import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { ExpressionError } from './index.ts';
import { evaluate } from './testing/sample-scope.ts';

/**
 * Where the library that parses for us evaluates by the standard, our results are the same. Ints alone: it has no operators
 * for ints with doubles.
 */
const standard = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true });

const DEPTH = { maxDepth: 4, depthIdentifier: fc.createDepthIdentifier() };

const { expression } = fc.letrec<{ expression: string; bool: string; int: string; text: string; list: string }>(
  (tie) => {
    const binary = (operand: fc.Arbitrary<string>, operators: readonly string[]) =>
      fc
        .tuple(operand, fc.constantFrom(...operators), operand)
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`);
    const choice = (branch: fc.Arbitrary<string>) =>
      fc.tuple(tie('bool'), branch, branch).map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`);
    return {
      expression: fc.oneof(tie('bool'), tie('int'), tie('text'), tie('list')),
      bool: fc.oneof(
        DEPTH,
        fc.constantFrom('true', 'false'),
        binary(tie('bool'), ['&&', '||', '==', '!=']),
        binary(tie('int'), ['<', '<=', '>', '>=', '==', '!=']),
        binary(tie('text'), ['<', '>=', '==', '!=']),
        tie('bool').map((part) => `!${part}`),
        fc.tuple(tie('int'), tie('list')).map(([item, list]) => `(${item} in ${list})`),
        fc
          .tuple(tie('list'), fc.constantFrom('all', 'exists', 'exists_one'))
          .map(([list, macro]) => `${list}.${macro}(x, x > 1)`),
        fc.tuple(tie('text'), tie('text')).map(([text, part]) => `${text}.contains(${part})`),
      ),
      int: fc.oneof(
        DEPTH,
        fc.constantFrom('0', '1', '2', '3', '7', '-4', '9223372036854775807'),
        binary(tie('int'), ['+', '-', '*', '/', '%']),
        choice(tie('int')),
        tie('text').map((text) => `size(${text})`),
        tie('list').map((list) => `${list}.size()`),
        fc.tuple(tie('list'), tie('int')).map(([list, index]) => `${list}[${index}]`),
      ),
      text: fc.oneof(
        DEPTH,
        fc.constantFrom('""', '"a"', "'b c'", '"ab"', 'r"\\d"', '"😀"'),
        binary(tie('text'), ['+']),
        choice(tie('text')),
        tie('int').map((int) => `string(${int})`),
        tie('text').map((text) => `${text}.trim()`),
      ),
      list: fc.oneof(
        DEPTH,
        fc.array(tie('int'), { minLength: 1, maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
        binary(tie('list'), ['+']),
        tie('list').map((list) => `${list}.map(y, y + 1)`),
        tie('list').map((list) => `${list}.filter(y, y != 2)`),
        choice(tie('list')),
      ),
    };
  },
);

/** As our results are: ints as JSON has them. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return Array.isArray(value) ? value.map(plain) : value;
}

function outcomeOf(run: () => unknown, isFailure: (error: unknown) => boolean): unknown {
  try {
    return { gave: plain(run()) };
  } catch (error) {
    if (isFailure(error)) return 'failed';
    throw error;
  }
}

describe('CEL', () => {
  it('gives what the standard evaluation gives, and fails where it fails', () => {
    fc.assert(
      fc.property(expression, (text) => {
        const ours = outcomeOf(
          () => evaluate(text),
          (error) => error instanceof ExpressionError,
        );
        const theirs = outcomeOf(
          () => standard.evaluate(text) as unknown,
          () => true,
        );
        expect({ text, outcome: ours }).toEqual({ text, outcome: theirs });
      }),
      { numRuns: 2_000 },
    );
  });
});

import { InvariantError, type JsonValue } from '#libs/kernel';
import type { Evaluate } from './compilation.ts';
import { compileExpression } from './compile-expression.ts';
import { ExpressionError, type ExpressionPlace } from './expression-error.ts';
import { Fault } from './fault.ts';
import type { Gathering, Part } from './gathering.ts';
import { EXPRESSION_LIMITS } from './limits.ts';
import { toJson, toText } from './result.ts';
import type { Run } from './run.ts';
import { holdsExpressions, scanTemplate, type Segment } from './scan-template.ts';
import type { Value } from './value.ts';

const MAX_EXPRESSION_SHOWN = 200;

/** Undefined for a string without expressions. */
export function compileText(text: string, path: string, gathering: Gathering): Part | undefined {
  if (!holdsExpressions(text)) return undefined;
  const segments = scanTemplate(text);
  const expressions = segments.filter((segment) => segment.kind !== 'text');
  const [only] = expressions;
  const isValue =
    expressions.length === 1 && segments.every((segment) => segment.kind !== 'text' || isBlank(segment.text));
  if (only !== undefined && isValue) return compileSegment(only, { path, finish: toJson }, gathering);
  const pieces = segments.map((segment) =>
    segment.kind === 'text' ? segment.text : compileSegment(segment, { path, finish: toText }, gathering),
  );
  return (run) => {
    let result = '';
    for (const piece of pieces) result += typeof piece === 'string' ? measured(run, piece) : piece(run);
    return result;
  };
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function measured(run: Run, text: string): string {
  run.grow(text.length);
  return text;
}

interface Slot<Result extends JsonValue> {
  readonly path: string;
  readonly finish: (run: Run, value: Value) => Result;
}

function neverRun(): never {
  throw new InvariantError('a template that was refused is being evaluated');
}

function compileSegment<Result extends JsonValue>(
  segment: Exclude<Segment, { kind: 'text' }>,
  slot: Slot<Result>,
  gathering: Gathering,
): (run: Run) => Result {
  const expression = shownOf(segment.source);
  const refuse = (offset: number, message: string): (() => never) => {
    gathering.refuse({ path: slot.path, expression, offset: segment.offset + offset, message });
    return neverRun;
  };
  if (gathering.isFull) return neverRun;
  if (!gathering.takeExpression()) {
    return refuse(0, `the template holds more than ${EXPRESSION_LIMITS.maxExpressions} expressions`);
  }
  if (segment.kind === 'unclosed') return refuse(-2, '{{ is never closed with }}; a plain {{ is written {{ "{{" }}');
  const compiled = compileExpression(segment.source, gathering);
  if (compiled.kind === 'refused') {
    for (const { offset, message } of compiled.issues) refuse(offset, message);
    return neverRun;
  }
  for (const reference of compiled.nodeReferences) gathering.nodeReferences.add(reference);
  return evaluation(compiled, slot, { path: slot.path, expression, offset: segment.offset });
}

/** Adds to a failure where it happened. `place.offset` is that of the expression's text. */
function evaluation<Result extends JsonValue>(
  { evaluate, weight }: { readonly evaluate: Evaluate; readonly weight: number },
  { finish }: Slot<Result>,
  place: ExpressionPlace,
): (run: Run) => Result {
  return (run) => {
    try {
      run.spend(weight);
      return finish(run, evaluate(run));
    } catch (error) {
      if (error instanceof Fault) {
        const { message, hint, offset = 0 } = error;
        throw new ExpressionError(message, { ...place, offset: place.offset + offset }, { hint });
      }
      // The caller stands so deep in the stack that evaluating on top of it overflows.
      if (error instanceof RangeError)
        throw new ExpressionError('the expression is too large here', place, { cause: error });
      throw error;
    }
  };
}

function shownOf(source: string): string {
  const expression = source.trim();
  return expression.length > MAX_EXPRESSION_SHOWN ? `${expression.slice(0, MAX_EXPRESSION_SHOWN)}…` : expression;
}

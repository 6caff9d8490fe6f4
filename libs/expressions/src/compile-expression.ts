import type { Compilation, Evaluate } from './compilation.ts';
import { compileNode } from './compile-node.ts';
import type { Gathering } from './gathering.ts';
import { parseExpression } from './parse-expression.ts';

export interface ExpressionIssue {
  /** UTF-16 units from the start of the expression's text. */
  readonly offset: number;
  readonly message: string;
}

export type CompiledExpression =
  | {
      readonly kind: 'compiled';
      readonly evaluate: Evaluate;
      /** Steps of one evaluation, loops and functions not counted. */
      readonly weight: number;
      readonly nodeReferences: ReadonlySet<string>;
    }
  | { readonly kind: 'refused'; readonly issues: readonly ExpressionIssue[] };

export function compileExpression(
  text: string,
  gathering: Pick<Gathering, 'takePattern' | 'variables'>,
): CompiledExpression {
  const parsed = parseExpression(text);
  if (parsed.kind === 'failed') return { kind: 'refused', issues: [parsed] };
  const compilation: Compilation = {
    text,
    problems: [],
    nodeReferences: new Set(),
    weight: 0,
    variables: gathering.variables,
    takePattern: () => gathering.takePattern(),
    compile: compileNode,
  };
  const evaluate = compileNode(parsed.ast, { compilation, locals: [], loops: 0, depth: 0 });
  const { problems, weight, nodeReferences } = compilation;
  if (problems.length > 0) return { kind: 'refused', issues: problems };
  return { kind: 'compiled', evaluate, weight, nodeReferences };
}

export { compileTemplate } from './compile-template.ts';
export { EvaluationBudget } from './evaluation-budget.ts';
export { ExpressionError, type ExpressionPlace } from './expression-error.ts';
export { allVariablesOf } from './variable-references.ts';
export { EXPRESSION_LIMITS } from './limits.ts';
export type { CompiledTemplate, CompileResult, ExpressionProblem, Scope, VariableReferences } from './types.ts';

export { compileTemplate } from './compile-template.ts';
export { ExpressionError, type ExpressionPlace } from './expression-error.ts';
export { EXPRESSION_LIMITS } from './limits.ts';
export type { CompiledTemplate, CompileResult, ExpressionProblem, Scope } from './types.ts';

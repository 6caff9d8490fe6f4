/**
 * What bounds an expression. The README lists these for users. Each holds for every expression, whoever wrote it, so that none
 * stops a worker: the dearest one takes tens of milliseconds.
 */
export const EXPRESSION_LIMITS = {
  /** UTF-16 units between `{{` and `}}`. */
  maxExpressionLength: 4_096,
  /** Expressions in one template. */
  maxExpressions: 1_000,
  /** Problems that are told of one template; further ones are left out. */
  maxProblems: 200,
  /** Levels of one expression: each bracket, call, field access and chained operator is one. */
  maxDepth: 100,
  /** Items of a list and entries of a map written out in an expression. */
  maxLiteralItems: 1_000,
  /** Arguments of one call. */
  maxArguments: 32,
  /** Loops (`map`, `filter`, `all`, `exists`, `exists_one`, `sortBy`) inside one another. */
  maxLoopNesting: 2,
  /** Items of a list that an expression loops over, reads as a whole or builds. */
  maxListLength: 10_000,
  /** UTF-16 units of a text that an expression builds or reads as a whole. */
  maxTextLength: 1_048_576,
  /** Size of what one evaluation of a template gives: the units of its texts and keys, and 8 for each value. */
  maxResultSize: 1_048_576,
  /** Nesting of lists and maps in a result, in `json.parse` and in a template. */
  maxJsonDepth: 64,
  /**
   * Steps of one evaluation of a template, all its expressions together. A step is about one operation: a node of the
   * expression, an item looked at, 32 units of text read.
   */
  maxSteps: 500_000,
  /** UTF-16 units of a regular expression. */
  maxPatternLength: 256,
  /** Unicode classes (`\p{L}`, `\pN`) in a regular expression: large tables to compile. */
  maxPatternClasses: 8,
  /** Instructions that a regular expression compiles to. */
  maxPatternSize: 1_000,
  /** Regular expressions written in one template. */
  maxPatterns: 16,
  /** Digits after the point in `format`. */
  maxPrecision: 20,
  /** UTF-16 units of a format of `date.format`. */
  maxDateFormatLength: 64,
} as const;

/** What bounds a schema and a check. The README lists these for users. */
export const BODY_SCHEMA_LIMITS = {
  /** Bytes of a schema as JSON. */
  maxSchemaBytes: 65_536,
  /** Schemas inside one schema, itself included. */
  maxSubschemas: 2_000,
  /** Schemas that may have to be looked at for one place of a body. */
  maxEvaluations: 1_000,
  /** Different regular expressions in `pattern` and `patternProperties`. */
  maxPatterns: 100,
  /** UTF-16 units of a regular expression. */
  maxPatternLength: 256,
  /** Unicode classes (`\p{L}`, `\pN`) in a regular expression: large tables to compile. */
  maxPatternClasses: 8,
  /** Instructions that a regular expression compiles to. */
  maxPatternSize: 1_000,
  /** Problems that are told of one schema or one body. */
  maxProblems: 50,
  /** Bytes of a body of which all problems are told, and not the first alone. */
  maxBodyBytesForAllProblems: 65_536,
  /** Steps of one check of a body. A step is about one keyword looked at or 16 characters read. */
  maxSteps: 10_000_000,
  /** Steps of the second look that gathers all problems; also what bounds how many it makes before they are cut. */
  maxStepsForAllProblems: 50_000,
  /** Schemas that stay compiled. */
  maxCompiled: 500,
} as const;

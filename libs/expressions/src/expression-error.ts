/** Where an expression stands. */
export interface ExpressionPlace {
  /** Path of its string inside the template, e.g. `values.total`; empty when the template is the string. */
  readonly path: string;
  /** The expression without its braces. */
  readonly expression: string;
  /** UTF-16 units from the start of the string to the part that failed. */
  readonly offset: number;
}

/** An expression could not be evaluated. Nothing in it tells a value of the scope, only names of fields. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly code = 'EXPRESSION_FAILED';
  readonly path: string;
  readonly expression: string;
  readonly offset: number;
  /** What to do about it, e.g. the fields that do exist. */
  readonly hint?: string;

  constructor(
    message: string,
    place: ExpressionPlace,
    options: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.path = place.path;
    this.expression = place.expression;
    this.offset = place.offset;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}

/**
 * Why an evaluation stops, inside this library; at the door it becomes an ExpressionError. Messages never carry values of the
 * scope, which may be secret.
 */
export class Fault extends Error {
  override readonly name: string = 'Fault';
  /** UTF-16 units from the start of the expression; set by the part of the expression that knows its place. */
  offset: number | undefined;

  readonly #hint: string | (() => string) | undefined;

  /** A hint that takes work is given as a function: most faults that `||` and `exists` forgive are never told. */
  constructor(message: string, hint?: string | (() => string)) {
    super(message);
    this.#hint = hint;
  }

  get hint(): string | undefined {
    return typeof this.#hint === 'function' ? this.#hint() : this.#hint;
  }

  /** Keeps the innermost place. */
  at(offset: number): this {
    this.offset ??= offset;
    return this;
  }
}

/** A limit was reached. Unlike other faults it is not forgiven by `||`, `&&`, `exists` or `all`. */
export class LimitFault extends Fault {
  override readonly name = 'LimitFault';
}

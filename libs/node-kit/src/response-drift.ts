/** A place where the answer of an outside system is not as the node type knows it. */
export interface ResponseDrift {
  /** In the answer, e.g. `items[0].number`. */
  readonly path: string;
  /** A type such as `string`, or what else was expected. */
  readonly expected: string;
  /** The type that was there; `missing` for none. Never the value. */
  readonly found: string;
}

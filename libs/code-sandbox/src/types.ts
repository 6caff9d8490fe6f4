import type { JsonValue } from '#libs/kernel';
import type { AbortSignalLike } from '#libs/node-kit';

/** What the code sees, as parameters of the function whose body it is; what is missing here is `undefined` there. */
export interface CodeInput {
  readonly trigger: JsonValue;
  readonly nodes: Readonly<Record<string, { readonly output: JsonValue }>>;
  readonly item?: JsonValue;
  readonly index?: number;
  readonly execution: JsonValue;
  readonly workflow: JsonValue;
  readonly vars: Readonly<Record<string, JsonValue>>;
}

export interface CodeRun {
  /** The body of an async function. */
  readonly code: string;
  readonly input: CodeInput;
  /** What `Math.random` follows from; any text. */
  readonly seed: string;
  /** Milliseconds since 1970, whole, that the code's clock stands at. */
  readonly nowMs: number;
  /** Ends the run at once, waiting or running; it then rejects with the signal's reason. */
  readonly signal?: AbortSignalLike;
}

export interface CodeSandbox extends AsyncDisposable {
  /**
   * What the code returns, `undefined` as null. Rejects with CodeLimitError or CodeFailedError, which would come again,
   * or with anything else when a thread was lost: no fault of the code.
   */
  run(run: CodeRun): Promise<JsonValue>;
}

/** Bounds of a result; see CodeLimits. */
export interface ResultBounds {
  /** Lists and objects inside one another. */
  readonly depth: number;
  /** Values, of which each takes a byte of JSON at least. */
  readonly values: number;
}

/** What went wrong, as it is told from inside. */
export interface InsideFailure {
  readonly name: string;
  readonly message: string;
  /** Of the error, as the engine writes it. */
  readonly stack?: string;
  /** Keys and indices that lead to what is not JSON in the result. */
  readonly trail?: readonly (string | number)[];
}

export interface Inside {
  /** Calls the code's function with what it may see. */
  begin(code: (...seen: unknown[]) => Promise<unknown>, inputJson: string): void;
  /**
   * What came of it: `=` and the result as JSON, `!` and an InsideFailure as JSON, or `>` and the limit that was met.
   * Undefined while nothing has come.
   */
  outcome(): string | undefined;
}

/**
 * Runs inside the engine, before the code and around it: its source text is evaluated there, so it may use nothing of this
 * module. What it needs it takes before the code runs, which may change every built-in afterwards; the copy that is written
 * as JSON has no prototypes that the code could have changed. Even so only a text leaves the engine, and is judged outside.
 */
// eslint-disable-next-line max-lines-per-function -- one closure, since it travels as one source text
export function inside(bounds: ResultBounds): Inside {
  const LONGEST_NAME = 100;
  const LONGEST_MESSAGE = 1_000;
  const LONGEST_STACK = 4_000;
  const { parse, stringify } = JSON;
  const { isArray } = Array;
  const { keys, setPrototypeOf, create } = Object;
  const { isFinite } = Number;
  const { apply } = Reflect;
  /* eslint-disable @typescript-eslint/unbound-method -- each is called by apply, with what it belongs to */
  const { then } = Promise.prototype;
  const { slice } = String.prototype;
  const { toString } = Object.prototype;
  /* eslint-enable @typescript-eslint/unbound-method */
  const textOf = String;
  // Of this engine alone.
  const { InternalError: EngineError } = globalThis as unknown as { InternalError: ErrorConstructor };
  const TooLarge = RangeError;
  const atLimit = setPrototypeOf(
    {
      'out of memory': 'memory',
      'string too long': 'memory',
      'BigInt is too large to allocate': 'memory',
      'Maximum call stack size exceeded': 'stack',
    },
    null,
  ) as Record<string, string>;

  const isSimple = setPrototypeOf({ string: true, boolean: true, undefined: true }, null) as Record<string, boolean>;
  const containers = bare<object>();
  const trail = bare<string | number>();
  let depth = 0;
  let values = 0;
  let outcome: string | undefined;
  let refusal: string | undefined;
  const stop = new Error('the result is refused');

  const silent = (): void => undefined;
  const console = { debug: silent, error: silent, info: silent, log: silent, trace: silent, warn: silent };
  Object.defineProperty(globalThis, 'console', { value: console, writable: true, configurable: true });

  function bare<Item>(): Item[] {
    return setPrototypeOf([], null) as Item[];
  }

  function begin(code: (...seen: unknown[]) => Promise<unknown>, inputJson: string): void {
    const { trigger, nodes, item, index, execution, workflow, vars } = parse(inputJson) as Record<string, unknown>;
    try {
      const running = code(trigger, nodes, item, index, execution, workflow, vars);
      void apply(then, running, [
        (result: unknown) => settle(given, result),
        (error: unknown) => settle(thrown, error),
      ]);
    } catch (error) {
      settle(thrown, error);
    }
  }

  function settle(tell: (value: unknown) => string, value: unknown): void {
    // Stands if there is no memory left to tell anything else.
    outcome = '>memory';
    try {
      outcome = tell(value);
    } catch (error) {
      outcome = thrown(error);
    }
  }

  function given(result: unknown): string {
    return `=${stringify(plain(result) ?? null)}`;
  }

  function plain(value: unknown): unknown {
    if (++values > bounds.values) refuse('');
    if (typeof value === 'object') return value === null ? null : plainObject(value);
    if (typeof value === 'number') return isFinite(value) ? value : refuse(`${value}`);
    if (typeof value === 'bigint') return refuse('a BigInt');
    return isSimple[typeof value] === true ? value : refuse(`a ${typeof value}`);
  }

  function plainObject(value: object): unknown {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return plain(apply(toJSON, value, ['']));
    for (let at = 0; at < depth; at++) if (containers[at] === value) refuse('a cycle');
    if (depth >= bounds.depth) refuse(`what nests deeper than ${bounds.depth} levels`);
    containers[depth++] = value;
    const copy = isArray(value) ? plainList(value) : plainFields(value as Record<string, unknown>);
    depth--;
    return copy;
  }

  function plainList(list: readonly unknown[]): unknown {
    if (list.length > bounds.values) refuse('');
    const copy = bare<unknown>();
    for (let at = 0; at < list.length; at++) {
      trail[depth - 1] = at;
      // Undefined and holes are null in a list, as JSON.stringify has it.
      copy[at] = plain(list[at]) ?? null;
    }
    return copy;
  }

  function plainFields(fields: Record<string, unknown>): unknown {
    const kind = apply(slice, apply(toString, fields, []), [8, -1]);
    if (kind !== 'Object') refuseObject(kind);
    const copy = create(null) as Record<string, unknown>;
    const names = keys(fields);
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as string;
      trail[depth - 1] = name;
      copy[name] = plain(fields[name]);
    }
    return copy;
  }

  /** Would be `{}` in JSON, or worse: the code means something else. */
  function refuseObject(kind: string): never {
    depth--;
    return refuse(kind === 'Promise' ? 'a promise that is not awaited' : `an object of type ${kind}`);
  }

  function refuse(what: string): never {
    refusal = what;
    throw stop;
  }

  function thrown(error: unknown): string {
    if (error === stop) return refusal === '' ? '>output' : `!${stringify(notJson())}`;
    const limit = limitOf(error);
    if (limit !== undefined) return `>${limit}`;
    const failure = create(null) as Record<string, unknown>;
    failure['name'] = cut(read(error, 'name') ?? 'Error', LONGEST_NAME);
    failure['message'] = cut(read(error, 'message') ?? primitive(error), LONGEST_MESSAGE);
    failure['stack'] = cut(read(error, 'stack') ?? '', LONGEST_STACK);
    return `!${stringify(failure)}`;
  }

  /** The engine's own errors at a limit. It throws null when there is no memory left for an error. */
  function limitOf(error: unknown): string | undefined {
    if (error === null) return 'memory';
    return error instanceof EngineError || error instanceof TooLarge
      ? atLimit[read(error, 'message') ?? '']
      : undefined;
  }

  function notJson(): object {
    const failure = create(null) as Record<string, unknown>;
    failure['name'] = 'ResultError';
    failure['message'] = `the result has ${refusal}, which is not JSON`;
    trail.length = depth;
    failure['trail'] = trail;
    return failure;
  }

  /** A text field of what was thrown, whatever that is. */
  function read(error: unknown, field: string): string | undefined {
    if (typeof error !== 'object' || error === null) return undefined;
    const value = (error as Record<string, unknown>)[field];
    return typeof value === 'string' ? value : undefined;
  }

  function primitive(error: unknown): string {
    return typeof error === 'object' || typeof error === 'function' ? 'threw what is no error' : textOf(error);
  }

  function cut(text: string, longest: number): string {
    return apply(slice, text, [0, longest]);
  }

  return { begin, outcome: () => outcome };
}

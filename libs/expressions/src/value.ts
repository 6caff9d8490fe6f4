/** What expressions compute with. JSON as it came, never copied or walked beforehand, and the few types CEL adds. */
export type Value = null | boolean | number | bigint | string | ListValue | MapValue | Opaque;
export type ListValue = readonly Value[];
export interface MapValue {
  readonly [key: string]: Value;
}

/** `int`: whole numbers of CEL, 64 bits, as bigint. `double`: every number that came as JSON, and decimal literals. */
export type Kind =
  | 'null'
  | 'bool'
  | 'int'
  | 'double'
  | 'string'
  | 'list'
  | 'map'
  | 'bytes'
  | 'timestamp'
  | 'duration'
  | 'optional'
  | 'type';

/** A value without fields. Everything is private, so a look-up by name finds nothing in it. */
export abstract class Opaque {
  abstract get kind(): Kind;
  /** What stands for it in JSON. */
  abstract toPlain(): Value;
}

export class Timestamp extends Opaque {
  readonly #epochMs: number;
  constructor(epochMs: number) {
    super();
    this.#epochMs = epochMs;
  }
  get kind() {
    return 'timestamp' as const;
  }
  get epochMs(): number {
    return this.#epochMs;
  }
  override toPlain(): string {
    return new Date(this.#epochMs).toISOString();
  }
}

export class Duration extends Opaque {
  readonly #ms: number;
  constructor(ms: number) {
    super();
    this.#ms = ms;
  }
  get kind() {
    return 'duration' as const;
  }
  get ms(): number {
    return this.#ms;
  }
  /** Seconds with `s`, as in protobuf's JSON: `90s`, `1.5s`. */
  override toPlain(): string {
    return `${this.#ms / 1000}s`;
  }
}

export class Bytes extends Opaque {
  readonly #octets: Uint8Array;
  readonly #toText: (octets: Uint8Array) => string;
  constructor(octets: Uint8Array, toText: (octets: Uint8Array) => string) {
    super();
    this.#octets = octets;
    this.#toText = toText;
  }
  get kind() {
    return 'bytes' as const;
  }
  get octets(): Uint8Array {
    return this.#octets;
  }
  override toPlain(): string {
    return this.#toText(this.#octets);
  }
}

export class Optional extends Opaque {
  static readonly NONE = new Optional(undefined);
  readonly #value: Value | undefined;
  private constructor(value: Value | undefined) {
    super();
    this.#value = value;
  }
  static of(value: Value | undefined): Optional {
    return value === undefined ? Optional.NONE : new Optional(value);
  }
  get kind() {
    return 'optional' as const;
  }
  get value(): Value | undefined {
    return this.#value;
  }
  override toPlain(): Value {
    return this.#value ?? null;
  }
}

/** What `type(x)` gives: `int`, `string`, … */
export class TypeName extends Opaque {
  readonly #name: string;
  constructor(name: string) {
    super();
    this.#name = name;
  }
  get kind() {
    return 'type' as const;
  }
  override toPlain(): string {
    return this.#name;
  }
}

export function isList(value: Value): value is ListValue {
  return Array.isArray(value);
}

export function isMap(value: Value): value is MapValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Opaque);
}

/** The field, own ones only: prototypes do not exist for expressions. */
export function fieldOf(map: MapValue, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Sets an own field whatever its name, as JSON.parse does: `__proto__` is a name like any other. */
export function setField<Content>(map: Record<string, Content>, key: string, value: Content): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    map[key] = value;
  }
}

const KINDS_BY_TYPEOF: Readonly<Record<string, Kind>> = {
  string: 'string',
  number: 'double',
  bigint: 'int',
  boolean: 'bool',
};

export function kindOf(value: Value): Kind {
  if (typeof value !== 'object') return KINDS_BY_TYPEOF[typeof value] ?? 'null';
  if (value === null) return 'null';
  if (value instanceof Opaque) return value.kind;
  return Array.isArray(value) ? 'list' : 'map';
}

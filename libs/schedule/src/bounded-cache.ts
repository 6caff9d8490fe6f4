/** Remembers what is dear to make, the newest `capacity` of it: who is asked for comes to the end of the line. */
export class BoundedCache<Value> {
  readonly #known = new Map<string, Value>();

  constructor(
    private readonly capacity: number,
    private readonly make: (key: string) => Value,
  ) {}

  get(key: string): Value {
    const known = this.#known.get(key);
    const value = known ?? this.make(key);
    if (known !== undefined) this.#known.delete(key);
    this.#known.set(key, value);
    if (this.#known.size > this.capacity) this.#forgetOldest();
    return value;
  }

  #forgetOldest(): void {
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

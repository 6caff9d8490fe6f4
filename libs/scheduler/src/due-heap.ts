interface Due {
  readonly dueMs: number;
  readonly id: string;
}

/** Who is due when, the earliest first: a binary heap. Somebody may be in it several times; the caller knows which one counts. */
export class DueHeap {
  readonly #dues: Due[] = [];

  get size(): number {
    return this.#dues.length;
  }

  get first(): Due | undefined {
    return this.#dues[0];
  }

  push(id: string, dueMs: number): void {
    this.#dues.push({ id, dueMs });
    this.#rise(this.#dues.length - 1);
  }

  /** The earliest, if it is due. */
  popDue(nowMs: number): Due | undefined {
    const [first] = this.#dues;
    if (!first || first.dueMs > nowMs) return undefined;
    const last = this.#dues.pop();
    if (last && this.#dues.length > 0) {
      this.#dues[0] = last;
      this.#sink(0);
    }
    return first;
  }

  clear(): void {
    this.#dues.length = 0;
  }

  #rise(start: number): void {
    for (let index = start; index > 0;) {
      const parent = (index - 1) >> 1;
      if (this.#dueMs(parent) <= this.#dueMs(index)) return;
      this.#swap(parent, index);
      index = parent;
    }
  }

  #sink(start: number): void {
    for (let index = start; ;) {
      const left = 2 * index + 1;
      const earlier = this.#dueMs(left + 1) < this.#dueMs(left) ? left + 1 : left;
      if (this.#dueMs(earlier) >= this.#dueMs(index)) return;
      this.#swap(earlier, index);
      index = earlier;
    }
  }

  #dueMs(index: number): number {
    return this.#dues[index]?.dueMs ?? Infinity;
  }

  #swap(one: number, other: number): void {
    const [first, second] = [this.#dues[one], this.#dues[other]];
    if (first && second) [this.#dues[one], this.#dues[other]] = [second, first];
  }
}

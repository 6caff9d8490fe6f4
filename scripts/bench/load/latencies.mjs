const CAPACITY = 262_144;

/** Times in ms: all of them up to the capacity, a fair sample of them beyond. */
export class Latencies {
  #kept = new Float64Array(CAPACITY);
  #count = 0;

  /** @param {number} ms */
  record(ms) {
    const place = this.#count < CAPACITY ? this.#count : Math.floor(Math.random() * this.#count);
    if (place < CAPACITY) this.#kept[place] = ms;
    this.#count += 1;
  }

  clear() {
    this.#count = 0;
  }

  /** In ms with two decimals; null when nothing was recorded. */
  summary() {
    const sorted = this.#kept.slice(0, Math.min(this.#count, CAPACITY)).sort();
    const at = (share) => (sorted.length ? round(sorted[Math.ceil(share * sorted.length) - 1]) : null);
    return { p50Ms: at(0.5), p90Ms: at(0.9), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
  }
}

function round(ms) {
  return Math.round(ms * 100) / 100;
}

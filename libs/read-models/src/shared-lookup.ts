/** Look-ups on their way at once; what is asked for meanwhile waits for the next. */
export const MOST_ON_THEIR_WAY = 2;
/** Records may be large, so a look-up is for a bounded number of them. */
export const MOST_IDS = 64;

/**
 * Finds records by id, those that are asked for at the same time together: under load one statement serves many callers,
 * and with one caller nothing waits. A look-up begins after it was asked for, so it sees all that was written before.
 */
export class SharedLookup<Row extends { readonly id: string }> {
  /** Asked for and not on their way yet, oldest first. */
  readonly #asked = new Map<string, PromiseWithResolvers<Row | undefined>>();
  #onTheirWay = 0;

  constructor(private readonly find: (ids: readonly string[]) => Promise<readonly Row[]>) {}

  get(id: string): Promise<Row | undefined> {
    const asked = this.#asked.get(id) ?? Promise.withResolvers<Row | undefined>();
    this.#asked.set(id, asked);
    void this.#lookUp();
    return asked.promise;
  }

  async #lookUp(): Promise<void> {
    if (this.#onTheirWay >= MOST_ON_THEIR_WAY || this.#asked.size === 0) return;
    this.#onTheirWay++;
    const batch = [...this.#asked].slice(0, MOST_IDS);
    for (const [id] of batch) this.#asked.delete(id);
    try {
      const found = new Map((await this.find(batch.map(([id]) => id))).map((row) => [row.id, row]));
      for (const [id, { resolve }] of batch) resolve(found.get(id));
    } catch (error) {
      for (const [, { reject }] of batch) reject(error);
    } finally {
      this.#onTheirWay--;
      void this.#lookUp();
    }
  }
}

import { LRUCache } from 'lru-cache';

/**
 * Records that the last batches wrote, so that the next need not read them back. Right only while this projector is the
 * one that moves the checkpoint; it is cleared whenever that is in doubt.
 */
export class RecordCache<Row extends { readonly id: string }> {
  readonly #recent: LRUCache<string, Row>;

  constructor(
    private readonly find: (ids: readonly string[]) => Promise<Row[]>,
    max: number,
  ) {
    this.#recent = new LRUCache({ max });
  }

  /** The records of those ids that have one. */
  async load(ids: readonly string[]): Promise<Map<string, Row>> {
    const found = new Map<string, Row>();
    const missing: string[] = [];
    for (const id of ids) {
      const recent = this.#recent.get(id);
      if (recent) found.set(id, recent);
      else missing.push(id);
    }
    for (const row of await this.find(missing)) found.set(row.id, row);
    return found;
  }

  keep(rows: Iterable<Row>): void {
    for (const row of rows) this.#recent.set(row.id, row);
  }

  forget(id: string): void {
    this.#recent.delete(id);
  }

  clear(): void {
    this.#recent.clear();
  }
}

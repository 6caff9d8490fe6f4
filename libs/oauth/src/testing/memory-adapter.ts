interface Entry {
  readonly uid?: string;
  readonly grantId?: string;
  consumed?: number;
}

/** Where a provider of the tests keeps sessions, codes and tokens; oidc-provider looks after their ends itself. */
export class MemoryAdapter {
  readonly #kind: string;
  readonly #entries: Map<string, Entry>;

  constructor(kind: string, entries: Map<string, Entry>) {
    this.#kind = kind;
    this.#entries = entries;
  }

  async upsert(id: string, entry: Entry): Promise<void> {
    this.#entries.set(this.#key(id), entry);
  }

  async find(id: string): Promise<Entry | undefined> {
    return this.#entries.get(this.#key(id));
  }

  async findByUid(uid: string): Promise<Entry | undefined> {
    return [...this.#entries.values()].find((entry) => entry.uid === uid);
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const entry = this.#entries.get(this.#key(id));
    if (entry) entry.consumed = 1;
  }

  async destroy(id: string): Promise<void> {
    this.#entries.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, entry] of this.#entries) if (entry.grantId === grantId) this.#entries.delete(key);
  }

  #key(id: string): string {
    return `${this.#kind}:${id}`;
  }
}

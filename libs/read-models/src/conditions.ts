/** A row's place in a list ordered by creation and id, both descending. */
export interface ListPlace {
  readonly createdAt: string;
  readonly id: string;
}

/** The `where` of a list: those filters that were given, each with its numbered parameter. */
export class Conditions {
  readonly parameters: unknown[] = [];
  readonly #sql: string[] = [];

  get sql(): string {
    return this.#sql.join(' and ');
  }

  add(sqlFor: (place: string) => string, value: unknown): void {
    if (value === undefined) return;
    this.#sql.push(sqlFor(this.place(value)));
  }

  /** Only what comes after this row in the list's order. `key`: the column of its id. */
  addAfter(row: ListPlace | undefined, key = 'id'): void {
    if (!row) return;
    this.#sql.push(`(created_at, ${key}) < (${this.place(row.createdAt)}, ${this.place(row.id)})`);
  }

  /** Where the statement has this value: `$1`, `$2` … */
  place(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }
}

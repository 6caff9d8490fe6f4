/** The `where` of a list: those filters that were given, each with its numbered parameter. */
export class Conditions {
  readonly parameters: unknown[] = [];
  readonly #sql: string[] = [];

  get sql(): string {
    return this.#sql.join(' and ');
  }

  add(sqlFor: (place: string) => string, value: unknown): void {
    if (value === undefined) return;
    this.#sql.push(sqlFor(this.#place(value)));
  }

  /** Only what comes after this row in a list ordered by creation and id, both descending. */
  addAfter(row: { readonly createdAt: string; readonly id: string } | undefined): void {
    if (!row) return;
    this.#sql.push(`(created_at, id) < (${this.#place(row.createdAt)}, ${this.#place(row.id)})`);
  }

  #place(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }
}

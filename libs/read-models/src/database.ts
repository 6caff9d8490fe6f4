/** What the read models need of Postgres: statements with `$1`, `$2` … for parameters, on a pooled connection. */
export interface Database {
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** Where several statements can be one. */
export interface TransactionalDatabase extends Database {
  /** All of it or, when `work` rejects, nothing. */
  transaction<Result>(work: (within: Database) => Promise<Result>): Promise<Result>;
}

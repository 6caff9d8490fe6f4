/** What the read models need of Postgres: statements with `$1`, `$2` … for parameters, on a pooled connection. */
export interface Database {
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

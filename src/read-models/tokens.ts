/** Statements on the read models' Postgres: a Database of libs/read-models. */
export const DATABASE = Symbol('Database');

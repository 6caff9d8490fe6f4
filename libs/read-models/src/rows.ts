/**
 * Rows with a record each, as the two parameters of `rows from (json_to_recordset($5::json) as (…), string_to_table($6,
 * E'\\n'))`. The records go as lines of text: Postgres stores any JSON text as `json`, but refuses to unescape \\u0000 and
 * half surrogates, which people do send, and a recordset unescapes all that it holds.
 */
export function rowParameters(
  rows: readonly { readonly columns: object; readonly record: object }[],
): [string, string] {
  return [JSON.stringify(rows.map((row) => row.columns)), rows.map((row) => JSON.stringify(row.record)).join('\n')];
}

/** The text as a `text` column can hold it: without NUL and half surrogates. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd');
}

/** A column of instants as a number, which is compared and sorted as it is there. */
export function epochMs(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`;
}

import type { EntityManager } from '@mikro-orm/postgresql';
import type { OpenApiDocumentId } from '#libs/kernel';
import type { OperationEntry } from '#libs/openapi-documents';

/** Characters of one statement, about. */
const STATEMENT_LENGTH = 4_000_000;

const INSERT = `
insert into openapi_operations
  (document_id, version, operation_id, position, method, path, summary, deprecated, tags, operation)
select ?, ?, operation_id, position, method, path, summary, deprecated, tags, operation
from json_to_recordset(?::json) as (
  operation_id text, position int, method text, path text, summary text, deprecated boolean, tags text[], operation json)`;

/** The operations are JSON already, and go through as they are. */
export async function storeOperations(
  em: EntityManager,
  { documentId, version }: { readonly documentId: OpenApiDocumentId; readonly version: number },
  operations: readonly OperationEntry[],
): Promise<void> {
  let rows: string[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    await em.execute(INSERT, [documentId, version, `[${rows.join(',')}]`]);
    [rows, length] = [[], 0];
  };
  for (const [index, operation] of operations.entries()) {
    const row = rowOf(operation, index + 1);
    rows.push(row);
    length += row.length;
    if (length > STATEMENT_LENGTH) await flush();
  }
  if (rows.length > 0) await flush();
}

function rowOf({ json, operationId, ...listed }: OperationEntry, position: number): string {
  const columns = JSON.stringify({ operation_id: operationId, position, ...listed });
  return `${columns.slice(0, -1)},"operation":${json}}`;
}

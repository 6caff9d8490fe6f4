import { readOpenApi } from '../reading/read-openapi.ts';
import type { Operation } from '../types.ts';

/** All operations of a document, read in this thread; a text is taken as it is. */
export function operationsIn(document: object | string): Operation[] {
  const { operations } = readOpenApi(typeof document === 'string' ? document : JSON.stringify(document));
  return operations.map(({ json }) => JSON.parse(json) as Operation);
}

export function operationIn(document: object | string, operationId: string): Operation {
  const found = operationsIn(document).find((operation) => operation.operationId === operationId);
  if (!found) throw new Error(`there is no operation ${operationId}`);
  return found;
}

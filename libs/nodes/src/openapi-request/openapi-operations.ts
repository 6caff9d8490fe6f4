import type { Operation } from '#libs/openapi-documents';

/** An operation as a node names it. */
export interface NamedOperation {
  readonly workspaceId: string;
  readonly documentId: string;
  readonly version: number;
  readonly operationId: string;
}

/** Where the operations of stored documents come from. Rejects with an error of kind `unavailable` alone. */
export interface OpenApiOperations {
  /** Undefined when there is none of that name. The same object each time as long as possible: its schemas are compiled once for each. */
  find(named: NamedOperation): Promise<Operation | undefined>;
}

import type { Operation } from '#libs/openapi-documents';
import type { NamedOperation, OpenApiOperations } from '../openapi-operations.ts';

/** The operations of one document of one version. */
export class InMemoryOpenApiOperations implements OpenApiOperations {
  constructor(
    readonly documentId: string,
    readonly operations: readonly Operation[],
  ) {}

  async find({ documentId, version, operationId }: NamedOperation): Promise<Operation | undefined> {
    if (documentId !== this.documentId || version !== 1) return undefined;
    return this.operations.find((operation) => operation.operationId === operationId);
  }
}

import type { WorkspaceId } from '#libs/kernel';
import type { Operation } from '#libs/openapi-documents';

/** An operation as a node names it. */
export interface WantedOperation {
  readonly documentId: string;
  readonly version: number;
  readonly operationId: string;
}

export type KnownOperation =
  | { readonly kind: 'found'; readonly operation: Operation }
  | { readonly kind: 'noDocument' }
  | { readonly kind: 'noVersion'; readonly latestVersion: number }
  | { readonly kind: 'noOperation'; readonly operationIds: readonly string[] };

/** Knows which operations the OpenAPI documents of a workspace have. The module of documents implements it. */
export abstract class OperationDirectory {
  abstract find(workspaceId: WorkspaceId, wanted: WantedOperation): Promise<KnownOperation>;
}

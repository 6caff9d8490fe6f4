import type { JsonValue, Problem, WorkspaceId } from '#libs/kernel';
import { callProblemsOf } from '#libs/openapi-documents';
import {
  didYouMean,
  openApiReferencesOf,
  type OpenApiReference,
  type WorkflowDefinition,
} from '#libs/workflow-definition';
import type { KnownOperation, OperationDirectory } from './operation-directory.ts';

/** Operations of OpenAPI documents that a definition names and that are not there, and what it calls the others with that does not fit. */
export async function operationProblemsIn(
  definition: WorkflowDefinition,
  workspaceId: WorkspaceId,
  operations: OperationDirectory,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const reference of openApiReferencesOf(definition)) {
    const { documentId, path, config } = reference;
    const { version, operationId } = config;
    // What else is written there, the schema of the config refuses.
    if (!isVersion(version) || typeof operationId !== 'string') continue;
    const known = await operations.find(workspaceId, { documentId, version, operationId });
    problems.push(...problemsOf(reference, operationId, known).map((one) => ({ ...one, path: `${path}.${one.path}` })));
  }
  return problems;
}

function isVersion(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) < 2 ** 31;
}

function problemsOf(
  { documentId, config }: OpenApiReference,
  operationId: string,
  known: KnownOperation,
): readonly Problem[] {
  switch (known.kind) {
    case 'found':
      return callProblemsOf(known.operation, config);
    case 'noDocument':
      return [{ path: 'documentId', message: `there is no OpenAPI document "${documentId.slice(0, 64)}"` }];
    case 'noVersion':
      return [{ path: 'version', message: `the OpenAPI document has versions 1 to ${known.latestVersion}` }];
    case 'noOperation': {
      const near = didYouMean(operationId, known.operationIds);
      return [{ path: 'operationId', message: `is no operation of this OpenAPI document${near}` }];
    }
  }
}

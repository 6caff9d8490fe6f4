import type { Problem } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import { wantedCredentials, type Operation } from '#libs/openapi-documents';

const TOLD = 50;

export function operationNotFound(documentId: string, version: number, operationId: string): NodeError {
  const message = `there is no operation ${operationId} in version ${version} of the OpenAPI document ${documentId}`;
  return new NodeError('OPENAPI_OPERATION_NOT_FOUND', message, { retryable: false });
}

/** Nothing was sent. */
export function inputInvalid({ operationId }: Operation, problems: readonly Problem[]): NodeError {
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  const message = `${operationId} can not be called so: ${first?.path} ${first?.message}${more}`;
  return new NodeError('OPENAPI_INPUT_INVALID', message, {
    retryable: false,
    details: { problems: problems.slice(0, TOLD).map(({ path, message: text }) => ({ path, message: text })) },
  });
}

/** The credential does not meet what the operation asks for, or there is none. Nothing was sent. */
export function credentialUnfit({ operationId, security }: Operation, given: string): NodeError {
  const message = `${operationId} takes ${wantedCredentials(security)}, and not ${given}`;
  return new NodeError('OPENAPI_CREDENTIAL_UNFIT', message, { retryable: false });
}

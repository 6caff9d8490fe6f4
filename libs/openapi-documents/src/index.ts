export { callProblemsOf } from './calling/call-problems.ts';
export {
  credentialPlaceIn,
  credentialTypesFor,
  needsCredential,
  wantedCredentials,
  type CredentialPlace,
} from './calling/credentials.ts';
export { inputSchemaOf } from './calling/input-schema.ts';
export type { OperationInput } from './calling/inputs.ts';
export { OperationCheck } from './calling/operation-check.ts';
export {
  writeCall,
  type FormPart,
  type WrittenBody,
  type WrittenCall,
  type WriteResult,
} from './calling/write-call.ts';
export { serverFor, serverProblem, urlAt } from './calling/servers.ts';
export { OpenApiDocumentError, type OpenApiDocumentErrorCode } from './errors.ts';
export { OPENAPI_LIMITS } from './limits.ts';
export { readDocument } from './read-document.ts';
export type {
  OpenApiDocument,
  Operation,
  OperationEntry,
  Requirement,
  Schema,
  Security,
  SecurityScheme,
  ServerInfo,
} from './types.ts';

import type { JsonValue } from '#libs/kernel';
import { defineNodeType, type AttemptContext, type NodeType } from '#libs/node-kit';
import { outputOf, send } from '../http-exchange/exchange.ts';
import { statusError } from '../http-exchange/failures.ts';
import { destinationOf } from '../http-request/destination.ts';
import { isExpected } from '../http-request/expected-status.ts';
import type { HttpRequestDependencies } from '../http-request/http-request.ts';
import { callSigned, type HttpCredential } from '../http-request/sign-in.ts';
import { checkedCall, requestOf, withFilesOf } from './call-of.ts';
import { checkOpenApiRequest, openApiRequestConfigSchema, type OpenApiRequestConfig } from './config.ts';
import { operationNotFound } from './failures.ts';
import type { OpenApiOperations } from './openapi-operations.ts';
import { secretsOf, signInFor } from './secrets.ts';

export interface OpenApiRequestDependencies extends HttpRequestDependencies {
  readonly openApiOperations: OpenApiOperations;
}

export function openApiRequestNode(dependencies: OpenApiRequestDependencies): NodeType {
  return defineNodeType<OpenApiRequestConfig>({
    type: 'openapi.request',
    kind: 'action',
    title: 'Call an API by its OpenAPI document',
    description:
      'Calls an operation of a stored OpenAPI document, once its parameters and body fit the schemas there; its output is the status, headers and body of the answer.',
    runs: 'executor',
    executor: 'http',
    configSchema: openApiRequestConfigSchema,
    outputsOf: () => ['main'],
    check: checkOpenApiRequest,
    destinationOf: destination,
    run: (config, attempt) => run(config, attempt, dependencies),
  });
}

/** As that of `http.request` where the server is named; the document knows the host where it is not. */
function destination({ server, credentialId, documentId }: OpenApiRequestConfig): string | undefined {
  if (server !== undefined)
    return destinationOf({ url: server, ...(credentialId === undefined ? {} : { credentialId }) });
  return credentialId === undefined ? `openapi:${documentId}` : `${credentialId}@openapi:${documentId}`;
}

async function run(
  config: OpenApiRequestConfig,
  attempt: AttemptContext,
  { http, clock, version: millrace, openApiOperations }: OpenApiRequestDependencies,
): Promise<JsonValue> {
  const { documentId, version, operationId, credentialId } = config;
  const named = { workspaceId: attempt.workspaceId, documentId, version, operationId };
  const operation = await openApiOperations.find(named);
  if (!operation) throw operationNotFound(documentId, version, operationId);
  const checked = checkedCall(operation, { ...config, body: await withFilesOf(config.body, attempt.file) });
  const signIn = await signInFor(operation, credentialId, attempt);
  const caller = { userAgent: `Millrace/${millrace}`, idempotencyKey: attempt.idempotencyKey };
  const signed = (credential: HttpCredential | undefined) =>
    requestOf(checked, config, { ...caller, secrets: credential && secretsOf(operation, credential) });
  const response = await callSigned(signIn, signed, (request) => send(http, request, attempt));
  const { expect } = config;
  if (!isExpected(response.status, { ...(expect ? { expect } : {}), followRedirects: true })) {
    throw statusError(response, clock.nowMs());
  }
  return outputOf(response, config.response);
}

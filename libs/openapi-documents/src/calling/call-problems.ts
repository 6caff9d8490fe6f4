import type { JsonObject, Problem } from '#libs/kernel';
import type { Operation } from '../types.ts';
import { credentialTypesFor, needsCredential, wantedCredentials } from './credentials.ts';
import { OperationCheck } from './operation-check.ts';
import { serverFor, serverProblem } from './servers.ts';

/** What is wrong with a call as it is written, with expressions in it, `{ server, parameters, body, contentType, credentialId }`. */
export function callProblemsOf(operation: Operation, config: JsonObject): Problem[] {
  const { parameters, body, contentType } = config;
  return [
    ...OperationCheck.of(operation).problemsOfWritten({ parameters, body, contentType }),
    ...serverProblems(operation, config),
    ...credentialProblems(operation, config),
  ];
}

function serverProblems(operation: Operation, { server }: JsonObject): Problem[] {
  if (server === undefined) {
    if (serverFor(operation, undefined) !== undefined) return [];
    return [{ path: 'server', message: 'is required: the document names no server by a whole URL' }];
  }
  if (typeof server !== 'string' || server.includes('{{')) return [];
  const message = serverProblem(server);
  return message === undefined ? [] : [{ path: 'server', message }];
}

function credentialProblems({ operationId, security }: Operation, { credentialId }: JsonObject): Problem[] {
  const wanted = wantedCredentials(security);
  if (credentialId === undefined) {
    const message = `is required: ${operationId} takes ${wanted}`;
    return needsCredential(security) ? [{ path: 'credentialId', message }] : [];
  }
  const message = `meets nothing: ${operationId} takes ${wanted}`;
  return credentialTypesFor(security).length === 0 ? [{ path: 'credentialId', message }] : [];
}

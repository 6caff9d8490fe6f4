import { OPENAPI_LIMITS } from '../limits.ts';
import type { OpenApiDocument, Operation, OperationEntry } from '../types.ts';
import { fieldOf, isObject, present, textOf } from './json.ts';
import { readOperations } from './operations.ts';
import { parseText } from './parse-text.ts';
import { invalid, tooLarge } from './refused.ts';
import { Schemas } from './schemas.ts';
import { readSecuritySchemes } from './security.ts';
import { readServers } from './servers.ts';
import { Source } from './source.ts';

/** Reads a document, whatever it is. Throws Refused. */
export function readOpenApi(text: string): OpenApiDocument {
  const { format, value } = parseText(text);
  if (!isObject(value)) throw invalid('document', 'must be an object');
  const openapi = textOf(fieldOf(value, 'openapi'));
  if (openapi === undefined || !/^3\.[012]\.\d{1,3}/.test(openapi)) {
    throw invalid('document.openapi', 'must be 3.0, 3.1 or 3.2; a document of Swagger 2 has to be converted first');
  }
  const source = new Source(value);
  const reading = { source, schemas: new Schemas(source, openapi.startsWith('3.0')) };
  const schemes = readSecuritySchemes(source);
  const operations = readOperations(reading, schemes);
  source.end();
  if (operations.length === 0) throw invalid('document.paths', 'has no operation');
  return {
    format,
    openapi: openapi.slice(0, 20),
    title: lineOf(fieldOf(value.info, 'title')),
    apiVersion: lineOf(fieldOf(value.info, 'version')),
    servers: readServers([value]),
    securitySchemes: Object.fromEntries(schemes),
    operations: entriesOf(operations),
  };
}

function lineOf(value: Parameters<typeof textOf>[0]): string {
  return (textOf(value) ?? '').trim().slice(0, 200);
}

function entriesOf(operations: readonly Operation[]): OperationEntry[] {
  let bytes = 0;
  return operations.map((operation) => {
    const json = JSON.stringify(operation);
    bytes += Buffer.byteLength(json);
    const { operationsBytes } = OPENAPI_LIMITS;
    if (bytes > operationsBytes) {
      throw tooLarge('document', `its operations, each with its schemas, are larger than ${operationsBytes} bytes`);
    }
    const { operationId, method, path, deprecated, tags, summary } = operation;
    return { operationId, method, path, deprecated, tags, ...present('summary', summary), json };
  });
}

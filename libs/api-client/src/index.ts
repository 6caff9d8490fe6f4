export { ApiError, type Problem } from './api-error.ts';
export { createMillraceClient, dataOf, type CallResult, type ClientOptions, type MillraceClient } from './client.ts';
export type { components, operations, paths } from './schema.ts';

/** What bounds a document and what is made of it. The README lists these for users. */
export const OPENAPI_LIMITS = {
  /** Of the text, and of its JSON when it is YAML. */
  documentBytes: 16 * 1024 * 1024,
  /** YAML takes some thirty times as long to parse. */
  yamlBytes: 4 * 1024 * 1024,
  /** Lists and objects inside one another. */
  depth: 64,
  /** Values in the document, names not counted. */
  values: 4_000_000,
  operations: 5_000,
  parametersPerOperation: 200,
  mediaTypesPerBody: 20,
  alternativesOfSecurity: 50,
  servers: 50,
  operationIdLength: 200,
  pathLength: 2_000,
  /** Of the schemas of the inputs of one operation, each with what it refers to, as JSON: what checking them may cost. */
  schemaBytesPerOperation: 256 * 1024,
  /** Of all operations together, each with the schemas it reaches. */
  operationsBytes: 64 * 1024 * 1024,
  problems: 50,
  readMs: 20_000,
  /** Of the process that reads. */
  memoryMiB: 512,
  /** At a time; more wait. */
  processes: 1,
  waiting: 10,
} as const;

export { bodySchemaProblems } from './body-schema-problems.ts';
export { BodySchemas, type BodySchemaKey } from './body-schemas.ts';
export { compileBodySchema, type BodyValidator } from './compile-body-schema.ts';
export { FORMAT_NAMES } from './formats.ts';
export { BODY_SCHEMA_LIMITS } from './limits.ts';

import type { JsonObject } from '#libs/kernel';
import { LRUCache } from 'lru-cache';
import { compileBodySchema, type BodyValidator } from './compile-body-schema.ts';
import { BODY_SCHEMA_LIMITS } from './limits.ts';

/** Which schema: that of one node in one version of a workflow. A version never changes, so neither does its schema. */
export interface BodySchemaKey {
  readonly workflowId: string;
  readonly version: number;
  readonly nodeId: string;
}

/** Compiled schemas, those used last. */
export class BodySchemas {
  readonly #validators: LRUCache<string, BodyValidator>;

  constructor(maxCompiled: number = BODY_SCHEMA_LIMITS.maxCompiled) {
    this.#validators = new LRUCache({ max: maxCompiled });
  }

  validatorFor({ workflowId, version, nodeId }: BodySchemaKey, schema: JsonObject): BodyValidator {
    const key = JSON.stringify([workflowId, version, nodeId]);
    const present = this.#validators.get(key);
    if (present) return present;
    const validator = compileBodySchema(schema);
    this.#validators.set(key, validator);
    return validator;
  }
}

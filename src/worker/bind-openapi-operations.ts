import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { LateOpenApiOperations } from '#libs/nodes';
import { StoredOpenApiOperations } from './stored-openapi-operations.ts';

/** Gives nodes the operations of stored documents, which need the connections of this process. */
@Injectable()
export class BindOpenApiOperations {
  constructor(late: LateOpenApiOperations, em: EntityManager) {
    late.bind(new StoredOpenApiOperations(em));
  }
}

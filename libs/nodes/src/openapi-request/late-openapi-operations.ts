import { InvariantError } from '#libs/kernel';
import type { OpenApiOperations } from './openapi-operations.ts';

/** Stands for operations that are there only once the process has its connections; nodes are known before. */
export class LateOpenApiOperations implements OpenApiOperations {
  #operations: OpenApiOperations | undefined;

  /** Before the first attempt runs. */
  bind(operations: OpenApiOperations): void {
    this.#operations = operations;
  }

  find: OpenApiOperations['find'] = (named) => {
    if (!this.#operations) throw new InvariantError('an operation was to be read where no documents are kept');
    return this.#operations.find(named);
  };
}

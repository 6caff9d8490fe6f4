import { Inject, Injectable } from '@nestjs/common';
import { InvariantError, toInstant, type Clock, type JsonValue, type WorkspaceId } from '#libs/kernel';
import { WorkspaceVariables, type Variable } from '#libs/workspace-variables';
import { CLOCK } from '../platform/tokens.ts';

@Injectable()
export class ChangeVariables {
  constructor(
    private readonly variables: WorkspaceVariables,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `VARIABLE_EXISTS`, `VARIABLE_LIMIT_REACHED` or `VARIABLES_TOO_LARGE`. */
  create(workspaceId: WorkspaceId, name: string, value: JsonValue): Promise<Variable> {
    return this.#write(workspaceId, { kind: 'create', name, value });
  }

  /** Throws `VARIABLE_NOT_FOUND` or `VARIABLES_TOO_LARGE`. */
  update(workspaceId: WorkspaceId, name: string, value: JsonValue): Promise<Variable> {
    return this.#write(workspaceId, { kind: 'update', name, value });
  }

  async delete(workspaceId: WorkspaceId, name: string): Promise<void> {
    await this.variables.change(workspaceId, { kind: 'delete', name }, this.#now());
  }

  async #write(
    workspaceId: WorkspaceId,
    change: { readonly kind: 'create' | 'update'; readonly name: string; readonly value: JsonValue },
  ): Promise<Variable> {
    const all = await this.variables.change(workspaceId, change, this.#now());
    const written = all.find(({ name }) => name === change.name);
    if (!written) throw new InvariantError(`${change.name} was written and is not there`);
    return written;
  }

  #now(): string {
    return toInstant(this.clock.nowMs());
  }
}

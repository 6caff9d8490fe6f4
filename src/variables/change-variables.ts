import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { InvariantError, toInstant, type Clock, type JsonObject, type JsonValue, type WorkspaceId } from '#libs/kernel';
import { canonicalJson } from '#libs/workflow-definition';
import { WorkspaceVariables, type Variable } from '#libs/workspace-variables';
import { noteChange } from '../platform/audit/change-notes.ts';
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
    const before = await this.#find(workspaceId, name);
    await this.variables.change(workspaceId, { kind: 'delete', name }, this.#now());
    noteChange({ target: name, before: summaryOf(before), after: null });
  }

  async #write(
    workspaceId: WorkspaceId,
    change: { readonly kind: 'create' | 'update'; readonly name: string; readonly value: JsonValue },
  ): Promise<Variable> {
    const before = await this.#find(workspaceId, change.name);
    const all = await this.variables.change(workspaceId, change, this.#now());
    const written = all.find(({ name }) => name === change.name);
    if (!written) throw new InvariantError(`${change.name} was written and is not there`);
    noteChange({ target: change.name, before: summaryOf(before), after: summaryOf(written) });
    return written;
  }

  /** As it is a moment before the change; somebody may come between. */
  async #find(workspaceId: WorkspaceId, name: string): Promise<Variable | undefined> {
    return (await this.variables.read(workspaceId)).find((variable) => variable.name === name);
  }

  #now(): string {
    return toInstant(this.clock.nowMs());
  }
}

/** For the audit: that it is another value, not which. */
function summaryOf(variable: Variable | undefined): JsonObject | null {
  if (!variable) return null;
  return { valueHash: `sha256:${createHash('sha256').update(canonicalJson(variable.value)).digest('hex')}` };
}

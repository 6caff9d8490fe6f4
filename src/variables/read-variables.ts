import { Injectable } from '@nestjs/common';
import type { WorkspaceId } from '#libs/kernel';
import { variableNotFound, WorkspaceVariables, type Variable } from '#libs/workspace-variables';
import type { PagePlace } from '../platform/http/page.ts';

/** As the bucket has them now, whichever process changed them. */
@Injectable()
export class ReadVariables {
  constructor(private readonly variables: WorkspaceVariables) {}

  async get(workspaceId: WorkspaceId, name: string): Promise<Variable> {
    const found = (await this.variables.read(workspaceId)).find((variable) => variable.name === name);
    if (found) return found;
    throw variableNotFound(name);
  }

  /** Newest first. */
  async list(
    workspaceId: WorkspaceId,
    { limit, after }: { readonly limit: number; readonly after?: PagePlace },
  ): Promise<readonly (Variable & PagePlace)[]> {
    const all = (await this.variables.read(workspaceId)).map((variable) => ({ ...variable, id: variable.name }));
    const sorted = all.toSorted((one, other) => order(other, one));
    return sorted.filter((variable) => !after || order(variable, after) < 0).slice(0, limit);
  }
}

function order(one: PagePlace, other: PagePlace): number {
  if (one.createdAt !== other.createdAt) return one.createdAt < other.createdAt ? -1 : 1;
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
}

import { Injectable } from '@nestjs/common';
import type { StartExecution } from '#libs/execution-engine';
import { Payloads } from '#libs/execution-runtime';
import type { VariableReferences } from '#libs/expressions';
import type { JsonValue } from '#libs/kernel';
import { WorkspaceVariables } from '#libs/workspace-variables';

interface VariableReader {
  readonly workspaceId: string;
  readonly variables: VariableReferences;
}
type Given = Pick<StartExecution, 'input' | 'vars' | 'files'>;
/** What a trigger gave before. */
type Before = Pick<StartExecution, 'input' | 'files'>;

/** What an execution works on from its start to its end: what its trigger gives, and the variables as they are now. */
@Injectable()
export class StartInput {
  constructor(
    private readonly payloads: Payloads,
    private readonly variables: WorkspaceVariables,
  ) {}

  /** `variables` are those that the workflow version reads. */
  async of(executionId: string, output: JsonValue, reader: VariableReader): Promise<Given> {
    return this.again({ input: await this.payloads.toPayload(executionId, output) }, reader);
  }

  /** For what a trigger gave before; the variables are those of now. */
  async again({ input, files }: Before, { workspaceId, variables }: VariableReader): Promise<Given> {
    const given = files ? { input, files } : { input };
    if (variables.length === 0) return given;
    const vars = await this.variables.valuesFor(workspaceId, variables);
    return vars === undefined ? given : { ...given, vars };
  }
}

import type { JsonValue } from '#libs/kernel';
import { anyJson, AwaitedExecution, defineNodeType } from '#libs/node-kit';
import { z } from 'zod';

interface SubworkflowConfig {
  readonly workflowId: string;
  readonly input: JsonValue;
  readonly wait: boolean;
}

const configSchema: z.ZodType<SubworkflowConfig> = z.strictObject({
  workflowId: z
    .string()
    .min(1)
    .max(128)
    .meta({ description: 'Its active version runs, else its latest.', example: 'wf_…' }),
  input: anyJson().default(null).meta({ description: "The child's `trigger.body`." }),
  wait: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether the output is that of the child, or `{executionId}` at once.' }),
});

export const subworkflowNode = defineNodeType<SubworkflowConfig>({
  type: 'subworkflow',
  kind: 'action',
  title: 'Run a workflow',
  description: "Starts an execution of another workflow; its output is the child's, or with `wait: false` its id.",
  runs: 'executor',
  executor: 'engine',
  configSchema,
  outputsOf: () => ['main'],
  run: async ({ workflowId, input, wait }, { startExecution }) => {
    const { executionId } = await startExecution({ workflowId, input, waits: wait });
    return wait ? new AwaitedExecution(executionId) : { executionId };
  },
});

import { CODE_LIMITS, CodeFailedError, CodeLimitError, type CodeSandbox } from '#libs/code-sandbox';
import type { JsonValue } from '#libs/kernel';
import { defineNodeType, NodeError, type AttemptContext, type NodeType } from '#libs/node-kit';
import { z } from 'zod';

const codeConfigSchema = z.strictObject({
  code: z.string().min(1).max(CODE_LIMITS.codeLength).meta({
    description:
      'The body of an async JavaScript function with `trigger`, `nodes`, `item`, `index`, `execution`, `workflow` and `vars` as parameters. No expressions.',
    example: 'return nodes.load.output.body.filter((order) => order.amount > 100);',
  }),
});
type CodeConfig = z.output<typeof codeConfigSchema>;

export interface CodeDependencies {
  readonly sandbox: CodeSandbox;
}

export function codeNode({ sandbox }: CodeDependencies): NodeType {
  return defineNodeType<CodeConfig>({
    type: 'code',
    kind: 'action',
    title: 'Code',
    description: 'Runs JavaScript in a sandbox; its output is what the code returns, as `result`.',
    runs: 'executor',
    executor: 'code',
    hasSideEffects: false,
    configSchema: codeConfigSchema,
    verbatim: ['code'],
    outputsOf: () => ['main'],
    run: async ({ code }, attempt) => ({ result: await run(sandbox, code, attempt) }),
  });
}

/** Clock and chance follow from the execution, so that another attempt gives what the first would have given. */
async function run(sandbox: CodeSandbox, code: string, attempt: AttemptContext): Promise<JsonValue> {
  const { scope, signal } = attempt;
  try {
    const nowMs = Date.parse(scope.execution.startedAt);
    return await sandbox.run({ code, input: scope, seed: seedOf(attempt), nowMs, signal });
  } catch (error) {
    throw nodeErrorOf(error);
  }
}

function seedOf({ executionId, nodeId, scope }: AttemptContext): string {
  return scope.index === undefined ? `${executionId}/${nodeId}` : `${executionId}/${nodeId}/${scope.index}`;
}

/** The node's error for what the sandbox rejected with; anything but its own errors is a fault of ours and stays. */
function nodeErrorOf(error: unknown): unknown {
  if (error instanceof CodeLimitError) {
    const { message, limit } = error;
    return new NodeError('CODE_LIMIT', message, { retryable: false, details: { limit }, cause: error });
  }
  if (error instanceof CodeFailedError) {
    const { name, line, path } = error.failure;
    const details = { name, ...(line === undefined ? {} : { line }), ...(path === undefined ? {} : { path }) };
    return new NodeError('CODE_FAILED', error.message, { retryable: false, details, cause: error });
  }
  return error;
}

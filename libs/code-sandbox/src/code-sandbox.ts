import { MAX_JSON_DEPTH, type JsonValue } from '#libs/kernel';
import { CodeFailedError, CodeLimitError } from './errors.ts';
import { CODE_LIMITS, type CodeLimits } from './limits.ts';
import type { ThreadAnswer } from './thread-messages.ts';
import { ThreadPool } from './thread-pool.ts';
import type { CodeRun, CodeSandbox } from './types.ts';

export interface CodeSandboxOptions {
  /** Runs at once; others wait in the order they came, however many the caller lets wait. At least 1. */
  readonly threads: number;
  /** Default CODE_LIMITS. */
  readonly limits?: Partial<CodeLimits>;
}

/** Runs people's JavaScript where it can do no harm. No thread is started before the first run. */
export function createCodeSandbox({ threads, limits: chosen }: CodeSandboxOptions): CodeSandbox {
  const limits = { ...CODE_LIMITS, ...chosen };
  const pool = new ThreadPool(threads, { ...limits, depth: MAX_JSON_DEPTH });
  return {
    run: (run) => runIn(pool, run, limits),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

async function runIn(
  pool: ThreadPool,
  { code, input, seed, nowMs, signal }: CodeRun,
  limits: CodeLimits,
): Promise<JsonValue> {
  if (code.length > limits.codeLength) throw new CodeLimitError('code', limits);
  const thread = await pool.take(signal);
  try {
    // Written only now, so that those who wait do not hold their input twice.
    const inputJson = JSON.stringify(input);
    if (Buffer.byteLength(inputJson) > limits.inputBytes) throw new CodeLimitError('input', limits);
    return resultOf(await thread.run({ code, inputJson, seed, nowMs }, signal), limits);
  } finally {
    pool.giveBack(thread);
  }
}

function resultOf(answer: ThreadAnswer, limits: CodeLimits): JsonValue {
  switch (answer.kind) {
    case 'done':
      return JSON.parse(answer.json) as JsonValue;
    case 'failed':
      throw new CodeFailedError(answer.failure);
    case 'limit':
      throw new CodeLimitError(answer.limit, limits);
  }
}

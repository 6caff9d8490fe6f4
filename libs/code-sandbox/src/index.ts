export { createCodeSandbox, type CodeSandboxOptions } from './code-sandbox.ts';
export { CodeFailedError, CodeLimitError, type CodeFailure, type CodeLimit } from './errors.ts';
export { CODE_LIMITS, type CodeLimits } from './limits.ts';
export type { CodeInput, CodeRun, CodeSandbox } from './types.ts';

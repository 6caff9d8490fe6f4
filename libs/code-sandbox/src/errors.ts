import { assertNever } from '#libs/kernel';
import type { CodeLimits } from './limits.ts';

/** Which limit a run met. `promise`: what it waits for can never come. */
export type CodeLimit = 'code' | 'input' | 'output' | 'memory' | 'stack' | 'time' | 'promise';

/** The code met a limit; it would meet it again. */
export class CodeLimitError extends Error {
  override readonly name = 'CodeLimitError';
  readonly limit: CodeLimit;

  constructor(limit: CodeLimit, limits: CodeLimits) {
    super(describe(limit, limits));
    this.limit = limit;
  }
}

function describe(limit: CodeLimit, { codeLength, inputBytes, outputBytes, memoryBytes, cpuMs }: CodeLimits): string {
  switch (limit) {
    case 'code':
      return `the code is longer than ${codeLength} characters`;
    case 'input':
      return `what the code can see is larger than ${inputBytes} bytes of JSON: make the outputs before it smaller`;
    case 'output':
      return `the result is larger than ${outputBytes} bytes of JSON: return less`;
    case 'memory':
      return `the code needs more than ${memoryBytes} bytes of memory: handle less at once`;
    case 'stack':
      return 'the code calls itself too deeply: use a loop';
    case 'time':
      return `the code runs longer than ${cpuMs} ms`;
    case 'promise':
      return 'the code waits for a promise that nothing settles: there are no timers and no calls to the outside';
    default:
      return assertNever(limit);
  }
}

/** What was wrong, as the code's own error tells it. */
export interface CodeFailure {
  /** Of the error, e.g. `TypeError`; `ResultError` when the result is not JSON. */
  readonly name: string;
  readonly message: string;
  /** Of the code, from 1. */
  readonly line?: number;
  /** Of what is not JSON in the result, e.g. `items[2].price`; empty for the result itself. */
  readonly path?: string;
}

/** The code does not parse, threw, or gave what is not JSON. */
export class CodeFailedError extends Error {
  override readonly name = 'CodeFailedError';
  readonly failure: CodeFailure;

  constructor(failure: CodeFailure) {
    const { name, message, line } = failure;
    super(`${name}: ${message}${line === undefined ? '' : ` (line ${line})`}`);
    this.failure = failure;
  }
}

import { createHash } from 'node:crypto';
import { CompileFlags, Intrinsics, JSException, QuickJS, type JSValueHandle, type WasiOptions } from 'quickjs-wasi';
import { inside, type InsideFailure, type ResultBounds } from './inside.ts';
import type { CodeFailure, CodeLimit } from './errors.ts';
import { pathOf } from './path-of.ts';
import type { EngineLimits, ThreadAnswer, ThreadRequest } from './thread-messages.ts';

/** What the code's lines are called in the engine's stack traces. */
const CODE_FILE = 'code';
// On one line with the first of the code, so that its lines count from 1.
const BEFORE_CODE = '(async function (trigger, nodes, item, index, execution, workflow, vars) {';
const AFTER_CODE = '\n})';
/** No measuring of time, which stands still, and nothing that tells when memory is collected. */
const INTRINSICS = Intrinsics.ALL & ~Intrinsics.PERFORMANCE & ~Intrinsics.WEAK_REF;
const WASI_BAD_FILE = 8;

/** What the engines of a thread have in common: compiled once, and nothing that a run could change. */
export interface EngineParts {
  readonly wasm: WebAssembly.Module;
  /** Bytecode of `inside`; to parse its source in each engine would take a millisecond. */
  readonly inside: Uint8Array;
}

export async function prepareEngine(wasm: WebAssembly.Module, limits: EngineLimits): Promise<EngineParts> {
  using engine = await QuickJS.create({ wasm });
  const bounds: ResultBounds = { depth: limits.depth, values: limits.outputBytes };
  const source = `(${inside.toString()})(${JSON.stringify(bounds)})`;
  return { wasm, inside: engine.compile(source, 'inside', 0, CompileFlags.STRIP_SOURCE) };
}

/** Runs one piece of code in an engine of its own, which is thrown away afterwards. */
export async function runInEngine(
  parts: EngineParts,
  request: ThreadRequest,
  limits: EngineLimits,
): Promise<ThreadAnswer> {
  const clock = { nowNs: seedNs(request.seed) };
  const time = { isOver: false, startedMs: cpuMs() };
  using engine = await QuickJS.create({
    wasm: parts.wasm,
    wasi: closedWorld(clock),
    memoryLimit: limits.memoryBytes,
    maxStackSize: limits.stackBytes,
    timezoneOffset: 0,
    intrinsics: INTRINSICS,
    interruptHandler: () => (time.isOver ||= cpuMs() - time.startedMs > limits.cpuMs),
  });
  // The engine asked the clock once for what Math.random starts from; from here on it is the time.
  clock.nowNs = BigInt(request.nowMs) * 1_000_000n;
  try {
    const outcome = execute(engine, parts.inside, request);
    return time.isOver ? limit('time') : answerOf(outcome, limits.outputBytes);
  } catch (error) {
    return time.isOver ? limit('time') : answerOfBroken(error);
  }
}

function execute(engine: QuickJS, bytecode: Uint8Array, { code, inputJson }: ThreadRequest): string | undefined {
  const inner = engine.evalBytecode(bytecode);
  const [begin, outcome] = [inner.getProp('begin'), inner.getProp('outcome')];
  const source = `${BEFORE_CODE}${code}${AFTER_CODE}`;
  const body = engine.evalCode(source, CODE_FILE);
  // The source of a function is what it was parsed from: anything else, and the code has closed the brace it stands in.
  if (body.toString() !== source.slice(1, -1)) throw new UnbalancedCode();
  engine.callFunction(begin, engine.undefined, body, engine.newString(inputJson));
  engine.executePendingJobs();
  return textOf(engine.callFunction(outcome, engine.undefined));
}

function textOf(handle: JSValueHandle): string | undefined {
  return handle.isString ? handle.toString() : undefined;
}

class UnbalancedCode extends Error {}

function answerOf(outcome: string | undefined, outputBytes: number): ThreadAnswer {
  if (outcome === undefined) return limit('promise');
  const rest = outcome.slice(1);
  switch (outcome[0]) {
    case '=':
      return Buffer.byteLength(rest) > outputBytes ? limit('output') : { kind: 'done', json: rest };
    case '!':
      return { kind: 'failed', failure: failureOf(JSON.parse(rest) as InsideFailure) };
    default:
      return limit(rest as CodeLimit);
  }
}

/** What did not come to an outcome: it does not parse, or the engine itself had to give up. */
function answerOfBroken(error: unknown): ThreadAnswer {
  if (error instanceof UnbalancedCode) return failed({ name: 'SyntaxError', message: "unexpected '}'" });
  if (error instanceof JSException) {
    if (error.message === 'out of memory') return limit('memory');
    return failed({ name: error.name, message: error.message, ...(error.stack ? { stack: error.stack } : {}) });
  }
  // Recursion in native code: the engine's guard, or the machine's own under it.
  if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return limit('stack');
  throw error;
}

function failed(failure: InsideFailure): ThreadAnswer {
  return { kind: 'failed', failure: failureOf(failure) };
}

function failureOf({ name, message, stack, trail }: InsideFailure): CodeFailure {
  const line = /\bcode:(\d+)/.exec(stack ?? '')?.[1];
  return {
    name,
    message,
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(trail === undefined ? {} : { path: pathOf(trail) }),
  };
}

function limit(met: CodeLimit): ThreadAnswer {
  return { kind: 'limit', limit: met };
}

/** 48 bits of the seed's hash, in the microseconds that the engine starts its random numbers from. */
function seedNs(seed: string): bigint {
  const microseconds = createHash('sha256').update(seed).digest().readUIntBE(0, 6);
  return BigInt(microseconds) * 1_000n;
}

/** Of this thread. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** All that the engine can ask of the world: a clock that stands still. */
function closedWorld(clock: { readonly nowNs: bigint }): WasiOptions {
  return (memory) => ({
    clock_time_get: (_clock: number, _precision: bigint, at: number) => {
      new DataView(memory.buffer).setBigUint64(at, clock.nowNs, true);
      return 0;
    },
    random_get: (at: number, length: number) => {
      new Uint8Array(memory.buffer, at, length).fill(0);
      return 0;
    },
    fd_write: () => WASI_BAD_FILE,
  });
}

/** What bounds a run. The README lists these for users. */
export interface CodeLimits {
  /** UTF-16 units of the code. */
  readonly codeLength: number;
  /** UTF-8 bytes of the JSON of everything the code can see. */
  readonly inputBytes: number;
  /** UTF-8 bytes of the JSON of the result. */
  readonly outputBytes: number;
  /** What the engine may allocate for a run: the code, what it can see and all it makes. */
  readonly memoryBytes: number;
  /** Native stack of a run: some thousand calls inside one another. */
  readonly stackBytes: number;
  /** Processor time of a run, asked for every ten thousand steps of the code. */
  readonly cpuMs: number;
  /** Time on the clock of a run, after which its thread is ended, whatever it does. */
  readonly wallMs: number;
}

const MiB = 1_048_576;

export const CODE_LIMITS: CodeLimits = {
  // Some 1,500 lines. More is a program of its own, which http.request can call.
  codeLength: 65_536,
  // A quarter of the memory, since parsed JSON takes a multiple of its text.
  inputBytes: 4 * MiB,
  // As much as an expression may give.
  outputBytes: MiB,
  memoryBytes: 16 * MiB,
  // Half of what the engine was built with is the most that it can guard; half of that leaves room for native calls on top.
  stackBytes: 262_144,
  // Processor time, not time on the clock: what is slow on a busy machine must not fail for it.
  cpuMs: 1_000,
  // Native calls (sort, padEnd, repeat) are never asked for their time, so the clock ends them; twice leaves room for a busy machine.
  wallMs: 2_000,
};

/** Milliseconds after which a thread that is to start is given up. */
export const THREAD_START_MS = 10_000;
/** JavaScript heap of a thread, outside of the engine's memory: texts on their way in and out. */
export const THREAD_HEAP_MB = 64;

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface ProcessBounds {
  readonly withinMs: number;
  /** Of the heap of its JavaScript. */
  readonly memoryMiB: number;
}

/** The process ended before it answered: its time was over, or it was killed, most likely for want of memory. */
export class ProcessEndedError extends Error {
  override readonly name = 'ProcessEndedError';
  constructor(readonly over: 'time' | 'memory') {
    super(`the process ended: its ${over} was over`);
  }
}

/** Of what it says as it dies, the last letters are told. */
const LAST_WORDS = 2_000;

/**
 * Hands one message to a process of its own and gives its first one back; the process is then over. It has no environment,
 * and whatever it does takes none of our time and memory. A thread will not do: where its heap ends between two looks of V8
 * at the limit, the whole process is aborted (nodejs/node#47224). Rejects with ProcessEndedError, and with an Error that has
 * the last words of a process that broke.
 */
export async function runInProcess<Answer>(entry: URL, message: object, bounds: ProcessBounds): Promise<Answer> {
  const child = fork(entry, {
    env: {},
    execArgv: [`--max-old-space-size=${bounds.memoryMiB}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exited = once(child, 'exit').catch(() => undefined);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, bounds.withinMs);
  try {
    return await answerOf<Answer>(child, message, () => isLate);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    await exited;
  }
}

function answerOf<Answer>(child: ChildProcess, message: object, isLate: () => boolean): Promise<Answer> {
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-LAST_WORDS)));
  return new Promise<Answer>((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as Answer));
    child.on('error', reject);
    // All that it said has been read by then.
    child.once('close', (code, signal) => {
      if (isLate()) reject(new ProcessEndedError('time'));
      else if (signal !== null) reject(new ProcessEndedError('memory'));
      else reject(new Error(`the process ended with ${code}: ${words}`));
    });
    // One that can't be written to has ended, and it is the end that is told.
    child.send(message, () => undefined);
  });
}

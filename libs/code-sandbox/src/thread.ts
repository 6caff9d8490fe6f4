// Entry of a worker thread: one run at a time, each in an engine of its own. It imports nothing through `#libs`, so that
// it starts from its TypeScript in tests and from what was built of it otherwise.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { prepareEngine, runInEngine } from './engine.ts';
import { THREAD_READY, type EngineLimits, type ThreadMessage, type ThreadRequest } from './thread-messages.ts';

const limits = workerData as EngineLimits;
const wasm = await WebAssembly.compile(await readFile(fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm'))));
const parts = await prepareEngine(wasm, limits);

function say(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (request: ThreadRequest) => {
  // A rejection is a fault of ours; it ends the thread, and the pool tells whoever waits.
  void runInEngine(parts, request, limits).then(say);
});
say(THREAD_READY);

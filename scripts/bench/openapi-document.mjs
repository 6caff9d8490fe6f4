// What it takes to read an OpenAPI document, and to check what its operations are called with. After `npm run build`:
//
//   node --expose-gc scripts/bench/openapi-document.mjs FILE
//
// Reads the file as the API does when it is stored, in a thread, and compiles the schemas of every operation as a worker does
// when each is called for the first time. Milliseconds and bytes; `uncheckedOperations` take some input as it comes.
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { OperationCheck, readDocument } from '../../dist/libs/openapi-documents/src/index.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('node --expose-gc scripts/bench/openapi-document.mjs FILE\n');
  process.exitCode = 2;
} else {
  process.stdout.write(`${JSON.stringify({ bench: 'openapi document', ...(await measure(file)) })}\n`);
}

async function measure(path) {
  const text = await readFile(path, 'utf8');
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let peakRss = process.memoryUsage().rss;
  const before = peakRss;
  const sampling = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage().rss)), 5);
  delay.enable();
  const started = performance.now();
  const { operations } = await readDocument(text);
  const readMs = performance.now() - started;
  delay.disable();
  clearInterval(sampling);
  const sizes = operations.map(({ json }) => Buffer.byteLength(json));
  return {
    bytes: Buffer.byteLength(text),
    operations: operations.length,
    operationsBytes: sizes.reduce((sum, size) => sum + size, 0),
    largestOperationBytes: Math.max(...sizes),
    readMs: Math.round(readMs),
    longestBlockMs: Math.round(delay.max / 1e6),
    readMemoryBytes: peakRss - before,
    ...compileAll(operations),
  };
}

function compileAll(operations) {
  const kept = operations.map(({ json }) => JSON.parse(json));
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const times = [];
  let uncheckedOperations = 0;
  for (const operation of kept) {
    const started = performance.now();
    if (OperationCheck.of(operation).unchecked().length > 0) uncheckedOperations++;
    times.push(performance.now() - started);
  }
  globalThis.gc?.();
  return {
    uncheckedOperations,
    compileMs: Math.round(times.reduce((sum, time) => sum + time, 0)),
    longestCompileMs: Math.round(Math.max(...times)),
    compiledBytesPerOperation: Math.round((process.memoryUsage().heapUsed - heapBefore) / operations.length),
  };
}

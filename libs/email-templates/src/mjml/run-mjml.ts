import type { ToHtmlResult } from 'mrml';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { EmailTemplateError, withProblems } from '../errors.ts';
import { TEMPLATE_LIMITS } from '../limits.ts';

/** Beside this file, and of the same kind: TypeScript as it is, or built. */
const ENTRY = new URL(`./mjml-thread${extname(import.meta.url)}`, import.meta.url);

const { threads, waiting: mostWaiting, compileMs } = TEMPLATE_LIMITS.mjml;
let running = 0;
const waiting: (() => void)[] = [];

/**
 * Compiles in a thread of its own, over when it is done: where the compiler breaks (its stack ends, its memory ends) nothing
 * of it can be used again. Throws EmailTemplateError TEMPLATE_BUSY, and TEMPLATE_INVALID when it breaks or takes too long.
 */
export async function runMjml(source: string): Promise<ToHtmlResult> {
  if (running >= threads) await turn();
  else running++;
  try {
    return await compileInThread(source);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

function turn(): Promise<void> {
  if (waiting.length < mostWaiting) return new Promise((resolve) => waiting.push(resolve));
  throw new EmailTemplateError('TEMPLATE_BUSY', 'too many templates are compiled; try again later');
}

async function compileInThread(source: string): Promise<ToHtmlResult> {
  const worker = new Worker(ENTRY, { name: 'mjml', env: {}, execArgv: [] });
  const timer = setTimeout(() => void worker.terminate(), compileMs);
  try {
    return await new Promise<ToHtmlResult>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', () => reject(broken('MJML can not be compiled')));
      worker.once('exit', () => reject(broken('MJML takes too long to compile')));
      worker.postMessage(source);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function broken(message: string): EmailTemplateError {
  return withProblems('TEMPLATE_INVALID', [{ path: 'source', message }]);
}

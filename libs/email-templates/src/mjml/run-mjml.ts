import type { ToHtmlResult } from 'mrml';
import { extname } from 'node:path';
import { BoundedWork, ProcessEndedError, runInProcess } from '#libs/bounded-work';
import { EmailTemplateError, withProblems } from '../errors.ts';
import { TEMPLATE_LIMITS } from '../limits.ts';
import type { MjmlRequest } from './mjml-process.ts';

/** Beside this file, and of the same kind: TypeScript as it is, or built. */
const ENTRY = new URL(`./mjml-process${extname(import.meta.url)}`, import.meta.url);

const { processes, waiting, compileMs, memoryMiB } = TEMPLATE_LIMITS.mjml;
const bounded = new BoundedWork({
  ...{ atOnce: processes, waiting },
  tooBusy: () => new EmailTemplateError('TEMPLATE_BUSY', 'too many templates are compiled; try again later'),
});

/**
 * Compiles in a process of its own, over when it is done: where the compiler breaks (its stack ends, its memory ends) nothing
 * of it can be used again. Throws EmailTemplateError TEMPLATE_BUSY, and TEMPLATE_INVALID when it breaks or takes too long.
 */
export function runMjml(source: string): Promise<ToHtmlResult> {
  return bounded.run(() => compileInProcess({ source }));
}

async function compileInProcess(request: MjmlRequest): Promise<ToHtmlResult> {
  try {
    return await runInProcess<ToHtmlResult>(ENTRY, request, { withinMs: compileMs, memoryMiB });
  } catch (error) {
    const isLate = error instanceof ProcessEndedError && error.over === 'time';
    const message = isLate ? 'MJML takes too long to compile' : 'MJML can not be compiled';
    throw withProblems('TEMPLATE_INVALID', [{ path: 'source', message }]);
  }
}

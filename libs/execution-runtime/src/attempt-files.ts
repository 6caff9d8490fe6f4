import type { OwnPayload, StartedExecution } from '#libs/execution-engine';
import { InvariantError } from '#libs/kernel';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import type { Payloads } from './payloads.ts';

type WithFiles = Pick<StartedExecution, 'files'>;

/** The bytes of a file that the trigger of an execution brought, by their SHA-256; undefined when it brought no such file. */
export async function readFileOf(
  { files = {} }: WithFiles,
  sha256: string,
  payloads: Payloads,
): Promise<Uint8Array | undefined> {
  const content = Object.hasOwn(files, sha256) ? files[sha256] : undefined;
  return content && bytesOf(content, payloads);
}

async function bytesOf(content: OwnPayload, payloads: Payloads): Promise<Uint8Array | undefined> {
  if ('erased' in content) return undefined;
  const base64 = 'value' in content ? content.value : await payloads.valueAt(content.stored);
  if (typeof base64 !== 'string') throw new InvariantError('a file is kept as base64 text, and this one is not');
  return Buffer.from(base64, 'base64');
}

/** Reads files of one execution, as its attempts are given them. */
export function filesOf(state: WithFiles, payloads: Payloads): AttemptContext['file'] {
  return async (sha256) => {
    const content = await readFileOf(state, sha256, payloads);
    if (content) return content;
    const message = `the trigger of this execution brought no file with the SHA-256 ${sha256.slice(0, 64)}`;
    throw new NodeError('FILE_NOT_FOUND', message, { retryable: false });
  };
}

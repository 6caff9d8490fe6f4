import { createReadStream } from 'node:fs';
import { splitLines, verifyAudit, type OpenLines } from '#libs/audit-log';
import { MillraceError } from '#libs/kernel';
import { HELP, parseOptions } from './options.ts';
import { jsonOf, textOf } from './report.ts';

export const EXIT = { verified: 0, wrong: 1, couldNotVerify: 2 } as const;

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** `npm run audit:verify`: gives the exit code. */
export async function runVerifier(args: readonly string[], { out, err }: Terminal): Promise<number> {
  try {
    const { file, help, json, trusted, other } = parseOptions(args);
    if (help || file === undefined) {
      out(HELP);
      return EXIT.verified;
    }
    const verdict = await verifyAudit(linesOf(file), {
      trusted,
      other: other === undefined ? undefined : linesOf(other),
    });
    out(json ? `${jsonOf(verdict)}\n` : textOf(verdict));
    return verdict.problem ? EXIT.wrong : EXIT.verified;
  } catch (error) {
    err(`Could not verify: ${explain(error)}\n`);
    return EXIT.couldNotVerify;
  }
}

function linesOf(path: string): OpenLines {
  return () => splitLines(createReadStream(path) as AsyncIterable<Buffer>);
}

/** Errors that say by themselves what to do are told as they are; a stack only for what nobody foresaw. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isTold = error instanceof MillraceError || 'syscall' in error;
  return isTold ? error.message : (error.stack ?? error.message);
}

import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { MillraceError } from '#libs/kernel';

/** What a script takes, and what it says of itself to who gives it anything else. */
export interface CommandLine<Options extends ParseArgsOptionsConfig> {
  readonly options: Options;
  readonly allowPositionals: boolean;
  readonly help: string;
  /** Of what it does not take. */
  readonly code: string;
}

/** Throws MillraceError for what the script does not take. */
export function parseCommandLine<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  { options, allowPositionals, ...line }: CommandLine<Options>,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true });
  } catch (cause) {
    throw refusedBy(line, cause instanceof Error ? cause.message : String(cause));
  }
}

export function refusedBy(
  { code, help }: { readonly code: string; readonly help: string },
  message: string,
): MillraceError {
  return new MillraceError('refused', code, `${message}\n\n${help}`);
}

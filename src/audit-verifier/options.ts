import { parseCommandLine, refusedBy } from '../platform/command-line.ts';

export interface VerifierOptions {
  readonly json: boolean;
  readonly help: boolean;
  /** What is to be verified; undefined only when help is asked for. */
  readonly file: string | undefined;
  /** Fingerprints of keys that count; undefined for whichever the file brings. */
  readonly trusted: ReadonlySet<string> | undefined;
  /** An export, proof or checkpoint of another time. */
  readonly other: string | undefined;
}

export const HELP = `npm run audit:verify -- FILE [--key <fingerprint>]... [--checkpoint <other file>] [--json]

Verifies an export or a proof of GET /v1/audit/proof. Needs neither a server nor a network.
Finds a changed, removed, inserted or reordered entry and a cut tail, and names the first that is bad.

  --key <fingerprint>   only a signature of this key counts (64 hex digits; may be given several times).
                        Without it the file vouches for itself: whoever made it may have made its key
  --checkpoint <file>   an export or proof of the same log, of another time: finds what was written and signed
                        anew, and a tail that was cut together with its checkpoint
  --json                the verdict as JSON (with npm run -s)
  --help                this text

Exit code: 0 all is as it was signed, 1 it is not, 2 it could not be verified.
`;

const LINE = {
  help: HELP,
  code: 'VERIFIER_OPTION_UNKNOWN',
  allowPositionals: true,
  options: {
    key: { type: 'string', multiple: true },
    checkpoint: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
} as const;

/** Throws MillraceError for what it does not know. */
export function parseOptions(args: readonly string[]): VerifierOptions {
  const { values, positionals } = parseCommandLine(args, LINE);
  const { json, help, key, checkpoint } = values;
  const [file, ...more] = positionals;
  if (!help && (file === undefined || more.length > 0)) throw refusedBy(LINE, 'name one file');
  const bad = key?.find((text) => !/^[0-9a-f]{64}$/.test(text));
  if (bad !== undefined) throw refusedBy(LINE, `${bad} is not the fingerprint of a key: 64 hex digits in lower case`);
  return { json, help, file, trusted: key && new Set(key), other: checkpoint };
}

import { parseCommandLine, refusedBy } from '../../platform/command-line.ts';

export interface ReplayOptions {
  readonly help: boolean;
  readonly json: boolean;
  /** File of the bundle; empty when only the help is asked for. */
  readonly bundle: string;
  /** File of the definition to hold it against; absent: its own. */
  readonly definition?: string;
}

export const HELP = `npm run replay -- <bundle.json> [--definition <file>] [--json]

Verifies the hashes of a replay bundle (GET /v1/executions/:id/bundle), prints what happened and when, takes all
decisions again with the recorded results, and prints what is not as it was recorded. Needs no server, calls nothing.

  --definition <file>  a workflow definition to hold it against, as PUT /v1/workflows/:id takes it; default: its own
  --json               the findings as JSON (with npm run -s)
  --help               this text

Exit code: 0 the same, 1 there are differences, 2 it can't be read, its hashes do not fit, or its
data was erased.
`;

const LINE = {
  help: HELP,
  code: 'REPLAY_OPTION_UNKNOWN',
  allowPositionals: true,
  options: {
    definition: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
} as const;

/** Throws MillraceError for what it does not know. */
export function parseOptions(args: readonly string[]): ReplayOptions {
  const { values, positionals } = parseCommandLine(args, LINE);
  const { help, json, definition } = values;
  const [bundle = '', ...more] = positionals;
  if (!help && (bundle === '' || more.length > 0)) throw refusedBy(LINE, 'give the file of one bundle');
  return { help, json, bundle, ...(definition === undefined ? {} : { definition }) };
}

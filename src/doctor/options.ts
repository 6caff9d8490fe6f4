import { tryParseId } from '#libs/kernel';
import { parseCommandLine, refusedBy } from '../platform/command-line.ts';

export interface DoctorOptions {
  readonly json: boolean;
  readonly help: boolean;
  /** Only executions of this workspace. */
  readonly workspaceId?: string;
}

export const HELP = `npm run doctor -- [--workspace <id>] [--json]

Looks at every execution in the log that is not over, and says which of them nothing will ever happen to:
the timer, task, place in line or other execution that they wait for is not there. Changes nothing.

  --workspace <id>  only executions of this workspace
  --json            the findings as JSON (with npm run -s)
  --help            this text

It reads the variables of the installation (NATS_URL, DATABASE_URL, MILLRACE_DATA_DIR ...). Without NATS_URL it
looks at the embedded servers of the data directory, which run while npm start does.

Exit code: 0 none is stuck, 1 some are, 2 it could not look.
`;

const LINE = {
  help: HELP,
  code: 'DOCTOR_OPTION_UNKNOWN',
  allowPositionals: false,
  options: {
    workspace: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
} as const;

/** Throws MillraceError for what it does not know. */
export function parseOptions(args: readonly string[]): DoctorOptions {
  const { workspace, json, help } = parseCommandLine(args, LINE).values;
  if (workspace !== undefined && tryParseId('workspace', workspace) === undefined)
    throw refusedBy(LINE, `${workspace} is not the id of a workspace, such as ws_01jd8z6q5t`);
  return { json, help, ...(workspace === undefined ? {} : { workspaceId: workspace }) };
}

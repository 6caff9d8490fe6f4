import { readFile } from 'node:fs/promises';
import { NO_STORED_VALUES, payloadsOf } from '#libs/execution-engine';
import { replay, type RecordedCommit } from '#libs/execution-replay';
import { InvariantError, MillraceError } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { builtInNodeTypes, LateMailRecords, LateMailTemplates, LateOpenApiOperations } from '#libs/nodes';
import { definitionIn, firstFlawOf, parseBundle, type ReplayBundle } from '#libs/replay-bundle';
import { parseDefinition, planWorkflow, type Plan, type WorkflowDefinition } from '#libs/workflow-definition';
import { VERSION } from '../../version.ts';
import { HELP, parseOptions, type ReplayOptions } from './options.ts';
import { jsonOf, textOf, type Report } from './report.ts';

export const EXIT = { same: 0, different: 1, unreadable: 2 } as const;

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** `npm run replay`: gives the exit code. */
export async function runReplay(args: readonly string[], { out, err }: Terminal): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help) {
      out(HELP);
      return EXIT.same;
    }
    const report = await reportOn(options);
    out(options.json ? `${jsonOf(report)}\n` : textOf(report));
    if (!report.replay) return EXIT.unreadable;
    return report.replay.same ? EXIT.same : EXIT.different;
  } catch (error) {
    err(`Could not replay: ${explain(error)}\n`);
    return EXIT.unreadable;
  }
}

async function reportOn({ bundle: file, definition }: ReplayOptions): Promise<Report> {
  const bundle = parseBundle(await textIn(file));
  const flaw = firstFlawOf(bundle);
  if (flaw !== undefined) throw new MillraceError('refused', 'BUNDLE_CHANGED', `${file} was changed: ${flaw}`);
  const held = definition === undefined ? { bundle } : { bundle, definition };
  if (isErased(bundle)) return held;
  const own = planFor(bundle, definitionIn(bundle));
  const other = definition === undefined ? own : planFor(bundle, await definitionFrom(definition));
  // The schema gives what may be absent as undefined, and the engine's types do not: in JSON there is no difference.
  const commits = bundle.commits.map(({ firstVersion, at, events }): RecordedCommit => ({ firstVersion, at, events }));
  const recording = { executionId: bundle.executionId, commits, stored: NO_STORED_VALUES };
  return { ...held, replay: replay(recording, { own, other }) };
}

function isErased({ commits }: ReplayBundle): boolean {
  return commits.some(({ events }) => events.flatMap(payloadsOf).some((payload) => 'erased' in payload));
}

function planFor({ workflow: { id, version } }: ReplayBundle, definition: WorkflowDefinition): Plan {
  return planWorkflow({ workflowId: id, version, definition, nodeTypes: NODE_TYPES });
}

async function definitionFrom(file: string): Promise<WorkflowDefinition> {
  const text = await textIn(file);
  const parsed = parseDefinition(jsonIn(file, text), NODE_TYPES);
  if (parsed.kind === 'accepted') return parsed.definition;
  const problems = parsed.problems.map(({ path, message }) => `  ${path || 'it'} ${message}`);
  throw new MillraceError('refused', 'INVALID_WORKFLOW', [`${file} is no workflow:`, ...problems].join('\n'));
}

async function textIn(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new MillraceError('refused', 'FILE_UNREADABLE', `${file} can't be read (${code})`, { cause });
  }
}

function jsonIn(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MillraceError('refused', 'FILE_UNREADABLE', `${file} is not JSON`, { cause });
  }
}

/** They are planned and computed, and none of them is run: whatever is outside is in the bundle. */
const NODE_TYPES: NodeTypes = builtInNodeTypes({
  http: {
    request: () => Promise.reject(new Error('a replay calls nobody')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  },
  mailRecords: new LateMailRecords(),
  mailTemplates: new LateMailTemplates(),
  openApiOperations: new LateOpenApiOperations(),
  mail: {
    send: () => Promise.reject(new Error('a replay sends no mail')),
    check: () => Promise.reject(new Error('a replay sends no mail')),
    held: () => ({ pools: 0, connections: 0, waiting: 0 }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  },
  sandbox: {
    run: () => Promise.reject(new Error('a replay runs no code')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  },
  clock: { nowMs: () => 0 },
  version: VERSION,
});

/** What says by itself what is wrong is told as it is; a stack only for what nobody foresaw. */
function explain(error: unknown): string {
  if (error instanceof MillraceError || error instanceof InvariantError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

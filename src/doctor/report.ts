import type { WaitReason } from '#libs/execution-engine';

export type ReasonKind = WaitReason['kind'];

/** What an execution waits for that is not there, and what a person can do about it. */
export interface DeadReason {
  /** `none`: it waits for nothing at all; `unreadable`: nobody can tell, and no worker can go on with it. */
  readonly kind: ReasonKind | 'none' | 'unreadable';
  readonly nodeId: string | null;
  readonly what: string;
  readonly remedy: string;
}

export interface StuckExecution {
  readonly executionId: string;
  /** Null when its history can't be read. */
  readonly execution: {
    readonly workspaceId: string;
    readonly workflowId: string;
    readonly workflowVersion: number;
    readonly status: string;
    /** Of its last event. */
    readonly version: number;
  } | null;
  readonly dead: readonly DeadReason[];
}

/** Something else that a person may want to know; none of it makes an execution wait for ever. */
export interface Note {
  readonly kind: 'queuePaused' | 'nobodyTakes' | 'readModelsBehind' | 'deadLetters' | 'databaseAway';
  readonly text: string;
}

export interface Findings {
  /** Histories in the log. */
  readonly executions: number;
  /** Of those, executions that are not over; with a workspace given, its own. */
  readonly open: number;
  /** Reasons of the open ones, those that are dead not counted. */
  readonly reasons: Readonly<Record<ReasonKind, number>>;
  /** Of these, how many lie in commits that are not acknowledged yet. */
  readonly onTheirWay: number;
  readonly stuckCount: number;
  /** The first of them. */
  readonly stuck: readonly StuckExecution[];
}

export interface Report extends Findings {
  readonly notes: readonly Note[];
}

export function jsonOf(report: Report): string {
  return JSON.stringify({ healthy: report.stuckCount === 0, ...report }, undefined, 2);
}

const TITLES: Readonly<Record<ReasonKind, string>> = {
  task: 'a worker',
  timer: 'a timer',
  signal: 'a signal',
  child: 'another execution',
  gate: 'a place in line',
  person: 'a person',
};

export function textOf(report: Report): string {
  const { executions, open, stuckCount, stuck, notes } = report;
  const more = stuckCount - stuck.length;
  return [
    `${executions} ${executions === 1 ? 'execution' : 'executions'} in the log, ${open} not over.`,
    ...linesOfReasons(report),
    '',
    stuckCount === 0 ? 'None is stuck.' : `${stuckCount} ${stuckCount === 1 ? 'is' : 'are'} stuck:`,
    ...stuck.flatMap(linesOfStuck),
    ...(more > 0 ? ['', `and ${more} more`] : []),
    ...(notes.length > 0 ? ['', 'Besides:', ...notes.map(({ text }) => `- ${text}`)] : []),
    '',
  ].join('\n');
}

function linesOfReasons({ reasons, onTheirWay }: Findings): readonly string[] {
  const rows = Object.entries(TITLES)
    .map(([kind, title]) => ({ title, count: reasons[kind as ReasonKind] }))
    .filter(({ count }) => count > 0);
  if (rows.length === 0) return [];
  const wide = Math.max(...rows.map(({ title }) => title.length));
  return [
    'They wait for',
    ...rows.map(({ title, count }) => `  ${title.padEnd(wide)}  ${count}`),
    ...(onTheirWay > 0 ? [`${onTheirWay} of that in commits that no worker has acknowledged yet.`] : []),
  ];
}

function linesOfStuck({ executionId, execution, dead }: StuckExecution): readonly string[] {
  const of = execution
    ? `${execution.status}, ${execution.workflowId} version ${execution.workflowVersion}, ${execution.workspaceId}`
    : 'not readable';
  return [
    '',
    `${executionId} (${of})`,
    ...dead.flatMap(({ nodeId, what, remedy }) => [
      `  ${nodeId === null ? '' : `${nodeId}: `}${what}`,
      `  → ${remedy}`,
    ]),
  ];
}

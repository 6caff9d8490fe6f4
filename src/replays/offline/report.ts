import type { Difference, Replay } from '#libs/execution-replay';
import { timelineOf, type TimelineEntry } from './timeline.ts';
import type { ReplayBundle } from '#libs/replay-bundle';

/** What came of a bundle whose hashes fit. */
export interface Report {
  readonly bundle: ReplayBundle;
  /** File of the definition that it was held against; absent: its own. */
  readonly definition?: string;
  /** Absent when its data was erased: what happened can be told and verified, and not be decided again. */
  readonly replay?: Replay;
}

export function jsonOf({ bundle, definition, replay }: Report): string {
  const { executionId, workflow, commits, digests } = bundle;
  const { id, name, version } = workflow;
  const timeline = timelineOf(commits);
  const told = { executionId, workflow: { id, name, version }, digest: digests.history };
  return JSON.stringify(
    { ...told, definition: definition ?? null, ...(replay ?? { erased: true }), timeline },
    null,
    2,
  );
}

export function textOf({ bundle, definition, replay }: Report): string {
  const { executionId, workflow, commits, digests } = bundle;
  const timeline = timelineOf(commits);
  const held = definition ?? 'the definition that it ran with';
  const lines = [
    `${executionId} of "${workflow.name}" (${workflow.id}, version ${workflow.version})`,
    `${timeline.length} events in ${commits.length} commits; all hashes fit; history ${digests.history}`,
    '',
    ...timelineLines(timeline),
    '',
    ...resultLines(replay, held),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function resultLines(replay: Replay | undefined, held: string): readonly string[] {
  if (!replay) return ['its data was erased, so it can not be replayed'];
  if (replay.same) return [`the same with ${held}`];
  return [`${countText(replay)} with ${held}:`, ...replay.differences.flatMap(differenceLines)];
}

function countText({ differences, isCut }: Extract<Replay, { same: false }>): string {
  const count = `${isCut ? 'more than ' : ''}${differences.length} difference`;
  return differences.length === 1 ? count : `${count}s`;
}

function timelineLines(timeline: readonly TimelineEntry[]): readonly string[] {
  const widthOf = (text: (entry: TimelineEntry) => string): number =>
    timeline.reduce((width, entry) => Math.max(width, text(entry).length), 0);
  const columns: readonly ((entry: TimelineEntry) => string)[] = [
    ({ offsetMs }) => `+${offsetMs} ms`,
    ({ version }) => String(version),
    ({ type }) => type,
    ({ nodeId }) => nodeId ?? '',
    ({ attempt }) => (attempt === null ? '' : `#${attempt}`),
  ];
  const widths = columns.map(widthOf);
  return timeline.map((entry) => {
    const cells = columns.map((text, place) => {
      const width = widths[place] ?? 0;
      return place < 2 ? text(entry).padStart(width) : text(entry).padEnd(width);
    });
    return `${entry.at}  ${cells.join('  ')}  ${entry.told}`.trimEnd();
  });
}

function differenceLines({ nodeId, kind, at, before, after }: Difference): readonly string[] {
  return [
    `  ${nodeId}: ${kind}${at === undefined ? '' : ` at ${at}`}`,
    `    before ${JSON.stringify(before)}`,
    `    after  ${JSON.stringify(after)}`,
  ];
}

/** A terminal obeys control characters, and a bundle comes from anywhere. */
function printable(line: string): string {
  return line.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

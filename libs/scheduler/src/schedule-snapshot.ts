import { SCHEDULE_SNAPSHOT_VERSION, type PresentSchedule } from '#libs/schedule';

/** A schedule as one commit left it. */
export interface KnownSchedule {
  readonly state: PresentSchedule;
  /** Of the commit. */
  readonly sequence: number;
  /** Of its last event. */
  readonly version: number;
}

/** What each commit has as its snapshot. */
export interface ScheduleSnapshot {
  readonly format: number;
  readonly version: number;
  readonly state: PresentSchedule;
}

export function snapshotOf({ state, version }: Omit<KnownSchedule, 'sequence'>): ScheduleSnapshot {
  return { format: SCHEDULE_SNAPSHOT_VERSION, version, state };
}

/** Undefined when there is none, or one of another version of Millrace: then the history has to be folded. */
export function readSnapshot(snapshot: unknown): Omit<KnownSchedule, 'sequence'> | undefined {
  if (!isSnapshot(snapshot) || snapshot.format !== SCHEDULE_SNAPSHOT_VERSION) return undefined;
  return { state: snapshot.state, version: snapshot.version };
}

// Ours alone writes it, and in this format: to look at each of its fields would cost more than a fold does.
function isSnapshot(value: unknown): value is ScheduleSnapshot {
  return typeof value === 'object' && value !== null && 'format' in value && 'state' in value && 'version' in value;
}

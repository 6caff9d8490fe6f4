export {
  DEFAULT_LIMITS,
  DIFFERENCE_KINDS,
  type Difference,
  type DifferenceKind,
  type DifferenceLimits,
} from './difference.ts';
export { leanCommit } from './lean.ts';
export { referencesIn, type RecordedCommit, type Recording } from './recording.ts';
export { replay, type Replay, type ReplayedPlans } from './replay.ts';

export { runtimeOn, startOf, type Runtime } from './runtime.ts';
export {
  commitsOf,
  eventsOf,
  StoreBetween,
  type ExecutionCommit,
  type StoredExecutionCommit,
} from './store-between.ts';
export { calmDown, quiet, SimulatedWorld, startedIn, take as takeTurn, turns, type Turn } from './simulation/index.ts';

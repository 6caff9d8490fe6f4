export { definitions, type GeneratedWorkflow } from './definitions.ts';
export {
  executionFailed,
  executionSucceeded,
  failed,
  passedOn,
  retryScheduled,
  scheduled,
  skipped,
  started,
  succeeded,
  succeededWith,
} from './facts.ts';
export { InMemoryPayloadStore } from './in-memory-payload-store.ts';
export { nodeTypes, planOf, type DrawnNode } from './plans.ts';
export { eventSamples } from './samples.ts';
export { Simulation } from './simulation.ts';
export { begin, contextOf, executionsOf, failure, fire, NOW, success } from './specification.ts';

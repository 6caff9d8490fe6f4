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
export {
  attemptsBegunTwice,
  eventsAfterTheEnd,
  finalNode,
  itemsWithTwoResults,
  nodesTooEarly,
  nodesWithTwoResults,
  resultsOfOldAttempts,
  timersFiredTwice,
} from './invariants.ts';
export { nodeTypes, planOf, type DrawnNode } from './plans.ts';
export { workflowFamilies, type WorkflowFamily } from './rich-definitions.ts';
export { eventSamples } from './samples.ts';
export { Simulation } from './simulation.ts';
export { begin, contextOf, executionsOf, failure, fire, NOW, success } from './specification.ts';
export { nodeTypesWith, type Work } from './work-node.ts';

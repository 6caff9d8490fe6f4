export { attemptWith, checkedBy, refusedAtPublish, refusedBy, runNode, type GivenAttempt } from './run-nodes.ts';

export { attemptWith, checkedBy, refusedAtPublish, refusedBy, runNode } from './run-nodes.ts';

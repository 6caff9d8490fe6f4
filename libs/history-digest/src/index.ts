export { commitmentOf, type Commitment, type KeptPayload } from './commitment.ts';
export { digestAfter, digestsAfterEach, EMPTY_HISTORY, type DigestedCommit } from './digest.ts';

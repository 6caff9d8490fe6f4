export { commitmentOf } from './commitment.ts';
export { digestAfter, digestsAfterEach, EMPTY_HISTORY, type DigestedCommit } from './digest.ts';
export { erasedEvent } from './erased-event.ts';

import { Global, Module } from '@nestjs/common';
import { ExpiredKeys } from './expired-keys.ts';
import { Fingerprints } from './fingerprints.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { IdempotentRuns } from './idempotent-runs.ts';
import { AnswerSeal } from './kept-answer.ts';

/** What stands behind `@Idempotent()`, in whichever module the route is. */
@Global()
@Module({
  providers: [AnswerSeal, ExpiredKeys, Fingerprints, IdempotencyKeys, IdempotentRuns],
  exports: [Fingerprints, IdempotentRuns],
})
export class IdempotencyModule {}

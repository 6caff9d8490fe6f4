import type { FactoryProvider } from '@nestjs/common';
import { ExecutionJournal, FollowUps, Payloads, PlanCache, stopSubjectOf, type Gates } from '#libs/execution-runtime';
import { JetStreamConnection } from '#libs/jetstream';
import { RecordDeadLetters } from '../dead-letters/record-dead-letters.ts';
import { StartForExecution } from '../executions/start-for-execution.ts';

const NO_GATES: Gates = { admit: () => Promise.reject(new Error('no gates yet')), leave: () => Promise.resolve() };

export const followUpsProvider: FactoryProvider<FollowUps> = {
  provide: FollowUps,
  inject: [ExecutionJournal, PlanCache, Payloads, StartForExecution, RecordDeadLetters, JetStreamConnection],
  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  useFactory: (
    journal: ExecutionJournal,
    plans: PlanCache,
    payloads: Payloads,
    starter: StartForExecution,
    deadLetters: RecordDeadLetters,
    connection: JetStreamConnection,
  ) =>
    new FollowUps({
      journal,
      plans,
      payloads,
      starter,
      gates: NO_GATES,
      deadLetters,
      announceEnd: (executionId) => connection.send(stopSubjectOf(executionId), ''),
    }),
};

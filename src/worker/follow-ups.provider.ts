import type { FactoryProvider } from '@nestjs/common';
import { SharedGates } from '#libs/execution-gates-jetstream';
import { announceEnd, ExecutionJournal, FollowUps, Payloads, PlanCache } from '#libs/execution-runtime';
import { JetStreamConnection } from '#libs/jetstream';
import { RecordDeadLetters } from '../dead-letters/record-dead-letters.ts';
import { StartForExecution } from '../executions/start-for-execution.ts';

export const followUpsProvider: FactoryProvider<FollowUps> = {
  provide: FollowUps,
  inject: [
    ExecutionJournal,
    PlanCache,
    Payloads,
    StartForExecution,
    SharedGates,
    RecordDeadLetters,
    JetStreamConnection,
  ],
  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  useFactory: (
    journal: ExecutionJournal,
    plans: PlanCache,
    payloads: Payloads,
    starter: StartForExecution,
    gates: SharedGates,
    deadLetters: RecordDeadLetters,
    connection: JetStreamConnection,
  ) =>
    new FollowUps({
      journal,
      plans,
      payloads,
      starter,
      gates,
      deadLetters,
      announceEnd: (executionId) => announceEnd(connection, executionId),
    }),
};

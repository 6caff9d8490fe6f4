import type { FactoryProvider } from '@nestjs/common';
import {
  announceEnd,
  ExecutionJournal,
  FollowUps,
  Payloads,
  PlanCache,
  type DeadLetters,
} from '#libs/execution-runtime';
import { SharedGates } from '#libs/execution-gates-jetstream';
import { JetStreamConnection } from '#libs/jetstream';
import { StartForExecution } from '../executions/start-for-execution.ts';

const NO_DEAD_LETTERS: DeadLetters = { setAside: () => Promise.resolve(), tellRedriven: () => Promise.resolve() };

export const followUpsProvider: FactoryProvider<FollowUps> = {
  provide: FollowUps,
  inject: [ExecutionJournal, PlanCache, Payloads, StartForExecution, SharedGates, JetStreamConnection],
  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  useFactory: (
    journal: ExecutionJournal,
    plans: PlanCache,
    payloads: Payloads,
    starter: StartForExecution,
    gates: SharedGates,
    connection: JetStreamConnection,
  ) =>
    new FollowUps({
      journal,
      plans,
      payloads,
      starter,
      gates,
      deadLetters: NO_DEAD_LETTERS,
      announceEnd: (executionId) => announceEnd(connection, executionId),
    }),
};

import type { FactoryProvider } from '@nestjs/common';
import {
  announceEnd,
  ExecutionJournal,
  FollowUps,
  Payloads,
  PlanCache,
  type DeadLetters,
  type Gates,
} from '#libs/execution-runtime';
import { JetStreamConnection } from '#libs/jetstream';
import { StartForExecution } from '../executions/start-for-execution.ts';

const NO_GATES: Gates = { admit: () => Promise.reject(new Error('no gates yet')), leave: () => Promise.resolve() };
const NO_DEAD_LETTERS: DeadLetters = { setAside: () => Promise.resolve(), tellRedriven: () => Promise.resolve() };

export const followUpsProvider: FactoryProvider<FollowUps> = {
  provide: FollowUps,
  inject: [ExecutionJournal, PlanCache, Payloads, StartForExecution, JetStreamConnection],
  useFactory: (
    journal: ExecutionJournal,
    plans: PlanCache,
    payloads: Payloads,
    starter: StartForExecution,
    connection: JetStreamConnection,
  ) =>
    new FollowUps({
      journal,
      plans,
      payloads,
      starter,
      gates: NO_GATES,
      deadLetters: NO_DEAD_LETTERS,
      announceEnd: (executionId) => announceEnd(connection, executionId),
    }),
};
